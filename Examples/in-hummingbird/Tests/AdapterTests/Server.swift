import Foundation
import Servers

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
