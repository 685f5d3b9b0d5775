import Foundation

/// A socket at which a test reads what a server sends to syslog or statsd.
final class LineReader {
  private let descriptor: Int32
  private var connection: Int32 = -1
  private var text = ""
  private let path: String?
  private let isStream: Bool

  /// On a free port of 127.0.0.1.
  init(port: UInt16, stream: Bool = false) throws {
    isStream = stream
    path = nil
    descriptor = socket(AF_INET, stream ? 1 : 2, 0)
    var address = loopbackAddress(port)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure("bind: errno \(errno)") }
    prepare()
  }

  /// A Unix socket.
  init(path: String, stream: Bool = false) throws {
    isStream = stream
    self.path = path
    descriptor = socket(AF_UNIX, stream ? 1 : 2, 0)
    guard withUnixAddress(path, { bind(descriptor, $0, $1) }) == 0 else { throw Failure("bind: errno \(errno)") }
    prepare()
  }

  private func prepare() {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    if isStream { listen(descriptor, 8) }
  }

  deinit {
    close(descriptor)
    if connection >= 0 { close(connection) }
    if let path { unlink(path) }
  }

  /// What has come so far: a line for each datagram.
  func read() -> String {
    if isStream && connection < 0 {
      connection = accept(descriptor, nil, nil)
      if connection >= 0 { _ = fcntl(connection, F_SETFL, O_NONBLOCK) }
    }
    var room = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(isStream ? connection : descriptor, &room, room.count, 0), count > 0 {
      text += String(decoding: room[..<count], as: UTF8.self) + (isStream ? "" : "\n")
    }
    return text
  }

  /// Whether the text has come, or comes in the end.
  func gets(_ wanted: String) -> Bool { comesTrue { read().contains(wanted) } }
}

/// A folder that is gone with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "gf-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    chmod(path, 0o755)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A file's text; empty where there is none.
  func text(_ name: String) -> String { (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? "" }
}
