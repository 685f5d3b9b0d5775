internal import Foundation
internal import TestSupport

/// A Redis server of a test's own, on a free port of 127.0.0.1 and a Unix socket in a folder of its own.
///
/// Unsafe as `Sendable`: the tests of a suite only read it, or one alone has it.
public final class RedisServer: @unchecked Sendable {
  private let folder: ServerFolder
  private var process: ServerProcess?
  private let settings: [String]
  private let isEncrypted: Bool
  public let port: UInt16

  /// Of TLS where it has that alone.
  public var address: String { "\(isEncrypted ? "rediss" : "redis")://127.0.0.1:\(port)" }
  public var socketPath: String { folder.path + "/redis.sock" }

  /// One for all tests that leave it as it is.
  public static let shared = Result { try RedisServer() }

  /// - Parameter settings: further words of the command line.
  public init(settings: [String] = []) throws {
    folder = try ServerFolder()
    port = try freePort()
    self.settings = settings
    isEncrypted = false
    try start()
  }

  /// One that takes connections by TLS alone, with `server.pem`, `server.key` and `ca.pem` of a folder.
  ///
  /// - Parameter path: where a file of the folder is.
  public init(encryptedWith path: (String) -> String) throws {
    folder = try ServerFolder()
    port = try freePort()
    isEncrypted = true
    settings = [
      "--tls-port", "\(port)", "--tls-cert-file", path("server.pem"), "--tls-key-file", path("server.key"),
      "--tls-ca-cert-file", path("ca.pem"), "--tls-auth-clients", "no",
    ]
    try start()
  }

  public func start() throws {
    let process = try ServerProcess(
      "/usr/bin/redis-server",
      [
        "--bind", "127.0.0.1", "--port", isEncrypted ? "0" : "\(port)", "--unixsocket", socketPath, "--save", "",
        "--appendonly", "no",
        "--dir",
        folder.path,
      ] + settings, log: folder.path + "/log")
    self.process = process
    try process.wait { process.output.contains("accept connections") }
  }

  /// Ends it at once, and with it all connections and data.
  public func stop() {
    process?.end(SIGKILL)
    process = nil
  }

  /// Stops it from answering, or lets it go on: `SIGSTOP` and `SIGCONT`.
  public func pause(_ isPaused: Bool) { process?.signal(isPaused ? SIGSTOP : SIGCONT) }

  deinit {
    pause(false)
    stop()
  }
}
