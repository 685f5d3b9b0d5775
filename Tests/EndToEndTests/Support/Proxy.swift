import Foundation
import TestSupport

/// A proxy with a configuration of Examples/proxies, on ports of its own; ended with the object.
final class Proxy {
  let port: UInt16
  let bytesPort: UInt16
  private let process = Process()
  private let folder: URL

  /// Whether the machine has it.
  static func has(_ program: String) -> Bool { FileManager.default.isExecutableFile(atPath: "/usr/sbin/\(program)") }

  /// nginx, before a server at an address that it understands.
  static func nginx(to server: String) throws -> Proxy {
    try Proxy("nginx", "nginx.conf", ["127.0.0.1:8000": server]) { folder, text in
      """
      daemon off; master_process off; worker_processes 1;
      pid \(folder)/pid; error_log \(folder)/error.log;
      events {}
      http {
        access_log off;
        client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy; fastcgi_temp_path \(folder)/fastcgi;
        uwsgi_temp_path \(folder)/uwsgi; scgi_temp_path \(folder)/scgi;
        \(text)
      }
      """
    } arguments: {
      ["-e", "\($0)/error.log", "-p", $0, "-c", "\($0)/configuration"]
    }
  }

  /// HAProxy before a server, and before one that speaks the PROXY protocol.
  static func haproxy(to server: UInt16, and second: UInt16? = nil, bytesTo other: UInt16) throws -> Proxy {
    let next = second.map { "\n  server next 127.0.0.1:\($0)" } ?? ""
    return try haproxy(to: "127.0.0.1:\(server)\(next)", bytesTo: "127.0.0.1:\(other) send-proxy-v2")
  }

  /// HAProxy before a server that it asks by HTTP, and one to which it passes bytes on: each an address that it
  /// understands, such as `unix@/run/app.sock`, with options such as `send-proxy`.
  static func haproxy(to server: String, bytesTo other: String) throws -> Proxy {
    try Proxy(
      "haproxy", "haproxy.cfg",
      [
        "server app 127.0.0.1:8000": "server app \(server)",
        "server app 127.0.0.1:8001 send-proxy-v2": "server app \(other)",
      ]
    ) {
      $1
    } arguments: {
      ["-db", "-f", "\($0)/configuration"]
    }
  }

  private init(
    _ program: String, _ example: String, _ places: [String: String], wrap: (String, String) -> String,
    arguments: (String) -> [String]
  ) throws {
    (port, bytesPort) = (try freePort(), try freePort())
    folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-proxy-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Examples/proxies/\(example)")
    var text = try String(contentsOf: file, encoding: .utf8)
    for (place, address) in places.sorted(by: { $0.key > $1.key }) {
      text = text.replacingOccurrences(of: place, with: address)
    }
    text = text.replacingOccurrences(of: "127.0.0.1:8080", with: "127.0.0.1:\(port)")
      .replacingOccurrences(of: "127.0.0.1:8081", with: "127.0.0.1:\(bytesPort)")
    try wrap(folder.path, text).write(to: folder.appending(path: "configuration"), atomically: true, encoding: .utf8)
    process.executableURL = URL(fileURLWithPath: "/usr/sbin/\(program)")
    process.arguments = arguments(folder.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    guard comesTrue({ (try? Client(port: port)) != nil }) else { throw Failure("\(program) does not listen") }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }
}
