internal import Foundation

/// A Redis server of a test's own, on a free port of 127.0.0.1 and a Unix socket in a folder of its own.
///
/// Unsafe as `Sendable`: the tests of a suite only read it, or one alone has it.
public final class RedisServer: @unchecked Sendable {
  private let folder: ServerFolder
  private var process: ServerProcess?
  private let settings: [String]
  public let port: UInt16

  public var address: String { "redis://127.0.0.1:\(port)" }
  public var socketPath: String { folder.path + "/redis.sock" }

  /// One for all tests that leave it as it is.
  public static let shared = Result { try RedisServer() }

  /// - Parameter settings: further words of the command line.
  public init(settings: [String] = []) throws {
    folder = try ServerFolder()
    port = try freePort()
    self.settings = settings
    try start()
  }

  public func start() throws {
    let process = try ServerProcess(
      "/usr/bin/redis-server",
      [
        "--bind", "127.0.0.1", "--port", "\(port)", "--unixsocket", socketPath, "--save", "", "--appendonly", "no",
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
