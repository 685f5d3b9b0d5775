import Foundation
import TestSupport

import class Green.Mutex

/// A server process on a free loopback port, ended with the object.
final class Server: @unchecked Sendable {
  let port: UInt16
  private let process = Process()
  private let lines = Mutex<String>("")
  private let errors = Pipe()

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
    process.arguments = arguments + ["--bind", bind ?? "127.0.0.1:\(port)"]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardError = other ?? errors
    process.standardInput = FileHandle.nullDevice
    // Not the tests' own: a process that outlives its test would hold it.
    process.standardOutput = FileHandle.nullDevice
    errors.fileHandleForReading.readabilityHandler = { [weak self] handle in
      let text = String(decoding: handle.availableData, as: UTF8.self)
      self?.lines.withLock { $0 += text }
    }
    try process.run()
    if waits { try waitUntilReady(bind) }
  }

  deinit {
    errors.fileHandleForReading.readabilityHandler = nil
    for successor in successors where exists(successor) { kill(successor, SIGKILL) }
    guard process.isRunning else { return }
    for worker in workers { kill(worker, SIGKILL) }
    kill(pid, SIGKILL)
    _ = waitForEnd(seconds: 5)
  }

  var pid: pid_t { process.processIdentifier }
  var log: String { lines.withLock { $0 } }
  /// Whether the text has been logged, or is soon: the log comes through a pipe.
  func logged(_ text: String, seconds: Int = 3) -> Bool {
    for _ in 0..<200 * seconds {
      if log.contains(text) { return true }
      usleep(5000)
    }
    return false
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
    try waitUntil("a new master that serves", seconds: 30) {
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
  func waitForEnd(seconds: Double = 20) -> Int32 {
    for _ in 0..<Int(seconds * 200) where process.isRunning && exists(pid) { usleep(5000) }
    // Foundation takes it to run as long as a process does that it has started.
    if process.isRunning, let status = statusOfZombie(pid) { return status }
    for _ in 0..<200 where process.isRunning { usleep(5000) }
    return process.isRunning ? -1 : process.terminationStatus
  }

  /// Waits until the condition holds, for some seconds.
  func waitUntil(_ what: String, seconds: Double = 10, _ condition: () throws -> Bool) throws {
    let seconds = seconds * (Sanitizer.current == nil ? 1 : 5)
    let end = Date().addingTimeInterval(seconds)
    while try !condition() {
      if Date() > end { throw Failure("\(what) did not come true in \(seconds) s; the log:\n\(log)") }
      usleep(5000)
    }
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

func children(of pid: pid_t) -> [pid_t] {
  // Of each of its threads.
  let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
  return threads.flatMap { thread in
    let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { pid_t($0) }
  }
}

func exists(_ pid: pid_t) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
  return !status.contains(") Z ")
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

/// A port that nothing listens on and that no other test has been given. Below the range from which the kernel takes the
/// ports of outgoing connections, so that it is still free when the server binds it.
func freePort() throws -> UInt16 {
  for _ in 0..<1000 {
    let port = UInt16.random(in: 10_000..<32_000)
    guard givenPorts.withLock({ $0.insert(port).inserted }) else { continue }
    let descriptor = socket(AF_INET, 1, 0)
    defer { close(descriptor) }
    var address = loopbackAddress(port)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result == 0 { return port }
  }
  throw Failure("no free port")
}

private let givenPorts = Mutex<Set<UInt16>>([])

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
