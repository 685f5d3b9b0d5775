internal import Foundation

/// A server that a test has started, ended by its process id: at the latest when the tests end.
final class ServerProcess {
  private let process = Process()
  private let log: String

  init(_ program: String, _ arguments: [String], log: String) throws {
    self.log = log
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let output = FileHandle(forWritingAtPath: log)
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    Leftovers.add(process.processIdentifier)
  }

  deinit { end(SIGKILL) }

  var id: Int32 { process.processIdentifier }
  var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

  /// Waits until `isReady`, for four minutes at most: one that has ended is not waited for.
  func wait(until isReady: () -> Bool) throws {
    for _ in 0..<24_000 {
      if isReady() { return }
      guard process.isRunning else { throw ServerFailure("the server has ended: \(output)") }
      usleep(10_000)
    }
    throw ServerFailure("the server does not come up: \(output)")
  }

  func end(_ signal: Int32) {
    if process.isRunning { kill(process.processIdentifier, signal) }
    process.waitUntilExit()
    Leftovers.remove(process.processIdentifier)
  }

  func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Runs a program to its end.
  static func run(_ program: String, _ arguments: [String], log: String) throws {
    let child = try ServerProcess(program, arguments, log: log)
    child.process.waitUntilExit()
    Leftovers.remove(child.id)
    guard child.process.terminationStatus == 0 else { throw ServerFailure("\(program) failed: \(child.output)") }
  }
}

/// Servers that run when the tests end.
private enum Leftovers {
  // Unsafe: with the lock held.
  private nonisolated(unsafe) static var all: Set<Int32> = []
  private static let lock = NSLock()
  private static let atEnd: Void = { atexit { Leftovers.endAll() } }()

  static func add(_ id: Int32) {
    _ = atEnd
    lock.withLock { _ = all.insert(id) }
  }

  static func remove(_ id: Int32) { lock.withLock { _ = all.remove(id) } }

  /// PostgreSQL ends its own processes by SIGQUIT. One that was started by a thread that blocks it does not hear it.
  private static func endAll() {
    let left = lock.withLock { all }
    for id in left { kill(id, SIGQUIT) }
    for _ in 0..<100 where left.contains(where: { waitpid($0, nil, WNOHANG) == 0 }) { usleep(10_000) }
    for id in left where waitpid(id, nil, WNOHANG) == 0 { kill(id, SIGKILL) }
  }
}
