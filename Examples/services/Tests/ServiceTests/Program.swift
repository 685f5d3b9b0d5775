import Foundation

import class Green.Mutex

/// One of the package's executables as a process of the test's own, ended with the object.
final class Program: Sendable {
  private let process: Process
  private let lines = Mutex("")
  private let errors = Pipe()

  init(_ name: String, _ arguments: [String]) throws {
    process = Process()
    let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    process.executableURL = folder.appendingPathComponent(name)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    errors.fileHandleForReading.readabilityHandler = { [weak self] handle in
      let text = String(decoding: handle.availableData, as: UTF8.self)
      self?.lines.withLock { $0 += text }
    }
    try process.run()
  }

  deinit {
    errors.fileHandleForReading.readabilityHandler = nil
    guard process.isRunning else { return }
    for child in children { kill(child, SIGKILL) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  var log: String { lines.withLock { $0 } }
  var pid: pid_t { process.processIdentifier }

  /// The processes that it has started: of a server, the workers.
  var children: [pid_t] {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { pid_t($0) }
  }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// Waits for the end; the exit status, -1 for a process that goes on after 2 min, the signal's number plus 128 for one
  /// that ended by it.
  func waitForEnd() -> Int32 {
    guard (try? waitUntil("its end") { !process.isRunning }) != nil else { return -1 }
    return process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
  }

  func waitForLog(_ text: String) throws { try waitUntil("'\(text)' in the log") { log.contains(text) } }

  func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<24_000 {
      if try condition() { return }
      usleep(5000)
    }
    throw Failure("\(what) did not come; the log:\n\(log)")
  }

  /// Whether the texts stand in the log in this order, each once. Waits for the last.
  func logs(inOrder texts: [String]) -> Bool {
    try? waitForLog(texts.last!)
    let log = log
    let places = texts.map { log.components(separatedBy: $0).count == 2 ? log.range(of: $0)!.lowerBound : nil }
    let found = places.compactMap(\.self)
    return found.count == texts.count && found == found.sorted()
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
