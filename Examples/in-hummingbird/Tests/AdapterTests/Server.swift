import Foundation
import Green

/// One of this package's programs, serving on a free loopback port; it ends with the object.
final class Server {
  let port: UInt16
  let process: Child
  private let folder: TemporaryFolder

  /// Starts it and waits until it listens.
  init(_ name: String, environment: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    port = try freePort()
    let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    process = try Child(
      programs + "/" + name, ["\(port)"], environment: environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 },
      log: folder.path + "/log")
    for _ in 0..<1000 where process.isRunning {
      if accepts(port) { return }
      usleep(10_000)
    }
    process.end(SIGKILL)
    throw Failure("\(name) does not start:\n\(log)")
  }

  deinit { process.end(SIGKILL) }

  /// What it has written, or the beginning of it.
  var log: String { String(text(ofFile: folder.path + "/log").prefix(8000)) }

  /// The most memory that it had until now, in bytes.
  var peakMemory: Int {
    let line = text(ofFile: "/proc/\(process.pid)/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
}

/// A PostgreSQL of the test's own, on a free loopback port; it ends with the object.
final class PostgreSQL {
  /// What libpq connects by.
  let conninfo: String
  private let folder: TemporaryFolder
  private let process: Child

  init() throws {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    guard let newest = versions.compactMap({ Int($0) }).max() else { throw Failure("postgresql is not installed") }
    let programs = "/usr/lib/postgresql/\(newest)/bin"
    folder = try TemporaryFolder()
    let (data, port) = (folder.path + "/data", try freePort())
    conninfo = "postgresql://postgres@127.0.0.1:\(port)/postgres"
    // PostgreSQL refuses to run as root.
    var asUser: [String] = []
    if geteuid() == 0 {
      guard let user = getpwnam("postgres")?.pointee else { throw Failure("there is no user 'postgres'") }
      chown(folder.path, user.pw_uid, user.pw_gid)
      asUser = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    }
    let start = { [folder] (words: [String], log: String) in
      let words = asUser + words
      return try Child(words[0], Array(words.dropFirst()), log: folder.path + "/" + log)
    }
    let initialise = try start(
      [programs + "/initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--no-locale"], "initdb")
    guard initialise.wait() == 0 else { throw Failure("initdb:\n\(text(ofFile: folder.path + "/initdb"))") }
    let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "fsync=off"]
    process = try start(
      [programs + "/postgres", "-D", data, "-p", "\(port)"] + settings.flatMap { ["-c", $0] }, "log")
    for _ in 0..<1500 where process.isRunning {
      if try start([programs + "/pg_isready", "-d", conninfo], "ready").wait() == 0 { return }
      usleep(20_000)
    }
    process.end(SIGINT)
    throw Failure("postgres does not start:\n\(text(ofFile: folder.path + "/log"))")
  }

  deinit { process.end(SIGINT) }
}

private let givenPorts = Mutex<Set<UInt16>>([])

/// A loopback port that nothing listens on and that was not given before. Below the range from which the kernel takes the
/// ports of outgoing connections, so that it is still free when a server binds it.
func freePort() throws -> UInt16 {
  for _ in 0..<1000 {
    let port = UInt16.random(in: 10_000..<32_000)
    guard givenPorts.withLock({ $0.insert(port).inserted }) else { continue }
    if (try? Listener.bind(SocketAddress(host: "127.0.0.1", port: port)!)) != nil { return port }
  }
  throw Failure("no free port")
}

private func accepts(_ port: UInt16) -> Bool {
  guard let socket = try? Socket.connect(to: SocketAddress(host: "127.0.0.1", port: port)!) else { return false }
  socket.close()
  return true
}
