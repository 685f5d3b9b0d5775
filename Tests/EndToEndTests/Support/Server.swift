import Foundation
import TestSupport

/// A server process on a free loopback port, ended with the object.
final class Server: @unchecked Sendable {
  let port: UInt16
  private let process = Process()
  private let errors = ServerLog()

  /// How long the server waits for clients, and its master for workers that begin or end: longer than a test lasts, since
  /// any of them may be stopped for seconds. A test of one of these times says its own.
  private static let times = ["--keep-alive", "--boot-timeout", "--graceful-timeout"]

  /// Starts the tests' own program and waits until it answers.
  convenience init(
    _ arguments: [String], bind: String? = nil, port: UInt16? = nil, environment: [String: String] = [:],
    waits: Bool = true, errors: FileHandle? = nil
  ) throws {
    try self.init("app", arguments, bind: bind, port: port, environment: environment, waits: waits, errors: errors)
  }

  /// Starts a program and waits until it answers, on a port that is free or was another's.
  init(
    _ program: String, _ arguments: [String], bind: String? = nil, port given: UInt16? = nil,
    environment: [String: String] = [:], waits: Bool = true, errors other: FileHandle? = nil
  ) throws {
    port = try given ?? freePort()
    process.executableURL = URL(fileURLWithPath: Program(program).path)
    let long = Self.times.filter { !arguments.contains($0) }.flatMap { [$0, "600"] }
    process.arguments = arguments + long + ["--bind", bind ?? "127.0.0.1:\(port)"]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardError = other ?? errors.pipe
    process.standardInput = FileHandle.nullDevice
    // Not the tests' own: a process that outlives its test would hold it.
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    if waits { try waitUntilReady(bind) }
  }

  deinit {
    for successor in successors where exists(successor) { kill(successor, SIGKILL) }
    guard process.isRunning else { return }
    for worker in workers { kill(worker, SIGKILL) }
    kill(pid, SIGKILL)
    _ = waitForEnd(seconds: 5)
  }

  var pid: pid_t { process.processIdentifier }
  /// All that has been logged by now: once the server has ended, all that it has to say.
  var log: String { errors.text }
  /// Whether the text has been logged, or is in the end: some of it is when the answer has gone.
  func logged(_ text: String, seconds: Double = patience) -> Bool {
    comesTrue(within: seconds) { log.contains(text) }
  }

  /// Waits until so many requests have begun, of those that log it.
  func waitForBegun(_ count: Int = 1) throws {
    try waitUntil("the beginning of \(count) requests") { log.ranges(of: "a request has begun").count >= count }
  }

  /// Waits until each of so many workers has answered.
  func waitForAnswers(of count: Int) throws {
    var answered: Set<String> = []
    try waitUntil("an answer of each of \(count) workers") {
      answered.insert(try get(port, "/pid").body)
      return answered.count == count
    }
  }

  var isRunning: Bool { process.isRunning }

  /// The workers' process numbers, in the order in which they were started.
  var workers: [pid_t] { children(of: pid) }

  /// Has the program on disk take the server over, and waits until it serves; the process number of its master.
  func startSuccessor() throws -> pid_t {
    let before = successors.count
    kill(pid, SIGUSR2)
    try waitUntil("a new master that serves") {
      successors.count > before && log.contains("The new master (pid:\(successors[before])) serves")
    }
    return successors[before]
  }

  /// The masters that have been started to take the server over.
  private var successors: [pid_t] {
    log.matches(of: /New master with pid: (\d+)/).compactMap { pid_t($0.1) }
  }

  /// Asks the server to stop and waits for it; the exit status.
  @discardableResult
  func stop(_ signal: Int32 = SIGTERM) -> Int32 {
    kill(pid, signal)
    return waitForEnd()
  }

  /// Waits until the server has ended; the exit status, -1 for a server that had to be killed.
  func waitForEnd(seconds: Double = patience) -> Int32 {
    guard comesTrue(within: seconds, { !process.isRunning || !exists(pid) }) else { return -1 }
    // Foundation takes it to run as long as a process does that it has started.
    if process.isRunning, let status = statusOfZombie(pid) { return status }
    let hasEnded = comesTrue(within: min(seconds, 10)) { !process.isRunning }
    return hasEnded ? process.terminationStatus : -1
  }

  /// Waits until the condition holds, for some seconds.
  func waitUntil(_ what: String, seconds: Double = patience, _ condition: () throws -> Bool) throws {
    if try comesTrue(within: seconds, condition) { return }
    throw Failure("\(what) did not come true in \(seconds) s; the log:\n\(log)")
  }

  private func waitUntilReady(_ bind: String?) throws {
    try waitUntil("accepting connections") {
      guard process.isRunning else { throw Failure("the server ended; the log:\n\(log)") }
      if let path = bind?.dropFirst("unix:".count), bind?.hasPrefix("unix:") == true {
        return FileManager.default.fileExists(atPath: String(path)) && !workers.isEmpty
      }
      // The kernel accepts as soon as the master listens: it takes an answer to know that a worker serves.
      return (try? Client(port: port).exchange("GET /pid HTTP/1.0\r\n\r\n")) != nil
    }
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The processes that one has started, and that have not been waited for, in the order in which they were started.
func children(of pid: pid_t) -> [pid_t] {
  // A list in which one ends while the kernel makes it may lack another: it counts when a second one says the same.
  var last = listedChildren(of: pid)
  for _ in 0..<100 {
    let next = listedChildren(of: pid)
    if next == last { break }
    last = next
  }
  return last
}

private func listedChildren(of pid: pid_t) -> [pid_t] {
  // Of each of its threads.
  let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
  return threads.flatMap { thread in
    let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { pid_t($0) }
  }
}

func exists(_ pid: pid_t) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
  guard status.contains(") Z ") else { return true }
  // Its first thread has ended. Others that have not yet keep its files open.
  let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
  return (threads ?? []).count > 1
}

/// The exit status of a process that has ended and that nobody has waited for, the last field of proc(5)'s `stat`; `nil` where it
/// runs, or was ended by a signal.
private func statusOfZombie(_ pid: pid_t) -> Int32? {
  guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), text.contains(") Z "),
    let status = text.split(separator: " ").last.flatMap({ Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
    status & 0x7f == 0
  else { return nil }
  return status >> 8
}

func loopbackAddress(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}

/// Calls `body` with the address of a Unix socket, for `bind` and `connect`.
func withUnixAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
  }
}
