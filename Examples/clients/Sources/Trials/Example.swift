internal import Foundation
internal import Servers

/// One of this package's executables by its path: they lie beside the one that asks.
func program(_ name: String) -> String {
  URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/" + name
}

/// A running example, on a free loopback port; it ends with the object.
final class Example {
  let port: UInt16
  private let process: Child
  private let folder: TemporaryFolder

  /// Starts it and waits until a worker answers.
  init(_ name: String, _ arguments: [String], workers count: Int = 1, environment: [String: String]) throws {
    folder = try TemporaryFolder()
    port = try freePort()
    process = try Child(
      program(name), arguments + ["-w", "\(count)", "-b", "127.0.0.1:\(port)"], environment: environment,
      log: folder.path + "/log")
    for _ in 0..<1000 where process.isRunning {
      // Any answer will do; there is no such page.
      if (try? get(port, "/is-it-there")) != nil { return }
      usleep(10_000)
    }
    process.end(SIGKILL)
    throw Failure("\(name) does not start:\n\(log)")
  }

  deinit {
    // With its workers: a master that is killed leaves them.
    let workers = workers
    process.end(SIGQUIT)
    for worker in workers { kill(worker, SIGKILL) }
  }

  /// What it has written, or the beginning of it.
  var log: String { String(text(ofFile: folder.path + "/log").prefix(4000)) }

  /// How many threads the worker has, except for the runtime's own, to which it gives long reads of files.
  var threads: Int? {
    guard let worker = workers.first else { return nil }
    let tasks = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(worker)/task")
    return tasks?.count { !text(ofFile: "/proc/\(worker)/task/\($0)/comm").hasPrefix("green-offload") }
  }

  var workers: [pid_t] {
    let pid = process.pid
    return text(ofFile: "/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { pid_t($0) }
  }
}
