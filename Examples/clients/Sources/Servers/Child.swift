internal import Foundation
public import Glibc

/// A program that was started; it reads nothing, and what it writes goes to a file.
///
/// Not Foundation's `Process`, whose one thread waits for a child that has closed its descriptors, as sshd does, and
/// notices no other child until that one has ended.
public final class Child {
  public let pid: pid_t
  private var status: Int32?

  public init(_ path: String, _ arguments: [String], environment: [String: String] = [:], log: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // With no signal blocked: it would inherit the calling thread's mask, and Dispatch's threads block nearly all.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let settings = variables.map { strdup($0) } + [nil]
    defer { (words + settings).forEach { free($0) } }
    var pid: pid_t = 0
    let error = posix_spawn(&pid, path, &actions, &attributes, words, settings)
    guard error == 0 else { throw Failure("\(path): \(String(cString: strerror(error)))") }
    self.pid = pid
  }

  /// Runs a program to its end.
  package static func run(_ path: String, _ arguments: [String], log: String) throws {
    let child = try Child(path, arguments, log: log)
    let status = child.wait()
    guard status == 0 else { throw Failure("\(path) ended with status \(status):\n\(text(ofFile: log))") }
  }

  public var isRunning: Bool {
    if status == nil {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) == pid { self.status = status }
    }
    return status == nil
  }

  /// Waits for the end; the status, as of waitpid.
  @discardableResult
  public func wait() -> Int32 {
    var status: Int32 = 0
    if self.status == nil, waitpid(pid, &status, 0) == pid { self.status = status }
    return self.status ?? -1
  }

  /// Sends the signal and waits for the end; what has not ended after some seconds is killed. The status, as of waitpid.
  @discardableResult
  public func end(_ signal: Int32) -> Int32 {
    guard isRunning else { return wait() }
    kill(pid, signal)
    for _ in 0..<2000 where isRunning { usleep(5000) }
    if isRunning { kill(pid, SIGKILL) }
    return wait()
  }
}

public func text(ofFile path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

public struct Failure: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
