import Foundation
import Green
import Redis

/// A Redis server of the test's own, on a free loopback port, without files. It ends with the object.
final class RedisServer {
  let port: UInt16
  private let process: Process

  init() throws {
    for _ in 0..<10 {
      let port = try Self.freePort()
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
      process.arguments = [
        "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--dir", "/tmp",
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // Another process may have taken the port meanwhile: then the server ends.
      if Self.answers(port, process) {
        self.port = port
        self.process = process
        return
      }
      process.terminate()
      process.waitUntilExit()
    }
    throw CocoaError(.executableLoad)
  }

  deinit { stop() }

  func stop() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private static func freePort() throws -> UInt16 {
    try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!).address!.port!
  }

  private static func answers(_ port: UInt16, _ process: Process) -> Bool {
    let address = SocketAddress(host: "127.0.0.1", port: port)!
    for _ in 0..<1000 where process.isRunning {
      if let socket = try? Socket.connect(to: address, until: .after(.seconds(1))) {
        socket.close()
        // The one who answers may be the one that was there before.
        usleep(20_000)
        return process.isRunning
      }
      usleep(10_000)
    }
    return false
  }
}
