internal import Foundation
internal import TestSupport

/// A PostgreSQL server of a test's own, on a Unix socket in a folder of its own and on a free port of 127.0.0.1.
///
/// Unsafe as `Sendable`: the tests of a suite only read it, or one alone has it.
public final class PostgresServer: @unchecked Sendable {
  private let folder: ServerFolder
  private var process: ServerProcess?
  private let settings: [String]
  public let port: UInt16

  /// The superuser's connection, by the Unix socket.
  public var address: String { "postgresql:///postgres?host=\(folder.path)&user=postgres&port=\(port)" }
  /// The same by TCP.
  public var networkAddress: String { "postgresql://postgres@localhost:\(port)/postgres" }

  /// One for all tests that leave it as it is.
  public static let shared = Result { try PostgresServer() }

  public init(settings: [String] = []) throws {
    folder = try ServerFolder()
    port = try freePort()
    self.settings = settings
    if let user = Self.user { chown(folder.path, user.pw_uid, user.pw_gid) }
    let programs = try Self.programs
    let command = Self.command(
      [programs + "/initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"])
    try ServerProcess.run(command[0], Array(command.dropFirst()), log: folder.path + "/initdb.log")
    try start()
  }

  private var data: String { folder.path + "/data" }

  public func start() throws {
    let settings =
      [
        "listen_addresses=127.0.0.1", "unix_socket_directories=\(folder.path)", "fsync=off", "max_connections=200",
        "shared_buffers=16MB",
      ] + settings
    let command = Self.command(
      [try Self.programs + "/postgres", "-D", data, "-p", "\(port)"] + settings.flatMap { ["-c", $0] })
    let process = try ServerProcess(command[0], Array(command.dropFirst()), log: folder.path + "/log")
    self.process = process
    try process.wait {
      (try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8))?.contains("ready") == true
    }
  }

  /// Ends it at once, and with it all connections: "immediate shutdown".
  public func stop() {
    process?.end(SIGQUIT)
    process = nil
  }

  deinit { stop() }

  private static var programs: String {
    get throws {
      let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
      guard let newest = versions.compactMap({ Int($0) }).max() else {
        throw ServerFailure("postgresql is not installed")
      }
      return "/usr/lib/postgresql/\(newest)/bin"
    }
  }

  /// PostgreSQL refuses to run as root.
  private static var user: passwd? { geteuid() == 0 ? getpwnam("postgres")?.pointee : nil }

  private static func command(_ words: [String]) -> [String] {
    user == nil
      ? words : ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] + words
  }
}
