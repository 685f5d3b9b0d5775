import Foundation
import GreenTLS
import Greenfinch
import ServiceLifecycle
import Testing

/// A service that speaks TLS.
@Suite struct SecureServiceTests {
  @discardableResult
  private func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }

  @Test func itServesOverTLS() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "services-\(UUID().uuidString).pem").path
    defer { unlink(file) }
    try run(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1", "-keyout", file,
        "-out",
        file + ".crt",
      ])
    defer { unlink(file + ".crt") }
    try (String(contentsOfFile: file, encoding: .utf8) + String(contentsOfFile: file + ".crt", encoding: .utf8))
      .write(toFile: file, atomically: true, encoding: .utf8)

    let app = App()
    app.get("/") { request in "\(request.scheme)" }
    let (ports, port) = AsyncStream<UInt16>.makeStream()
    let service = ApplicationService(
      app, bind: [.tcp(host: "127.0.0.1", port: 0)],
      security: try TLSContext(server: TLSServerConfiguration(certificates: [.init(file: file)])),
      onListening: { port.yield($0.port ?? 0) })
    let serving = Task { try await service.run() }
    var iterator = ports.makeAsyncIterator()
    let bound = try #require(await iterator.next())
    #expect(try run("curl", ["-sk", "-m", "20", "https://127.0.0.1:\(bound)/"]) == "https")
    serving.cancel()
    _ = await serving.result
  }
}
