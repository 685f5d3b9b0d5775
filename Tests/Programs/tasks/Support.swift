import CaseSupport
import Glibc
import Green

struct Mishap: Error, Equatable {
  let number: Int
}

enum Local {
  @TaskLocal static var number = 0
}

/// The threads of the process.
func threadCount() throws -> Int {
  let status = try readFile("/proc/self/status")
  let line = status.split(separator: "\n").first { $0.hasPrefix("Threads:") }
  return line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0
}

private func readFile(_ path: String) throws -> String {
  let file = open(path, O_RDONLY)
  try expect(file >= 0, "\(path): errno \(errno)")
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = read(file, &bytes, bytes.count)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

/// Expects `body` to throw an error of this type.
func expectError<E: Error>(_ type: E.Type, _ body: () throws -> Void, line: Int = #line) throws {
  do {
    try body()
  } catch is E {
    return
  }
  throw Failure(description: "line \(line): no \(type) was thrown")
}

/// A count that several tasks and threads change.
actor Counter {
  private(set) var value = 0

  func add(_ number: Int = 1) { value += number }

  /// Blocks in the midst of the actor.
  func addSlowly() {
    let before = value
    usleep(1000)
    value = before + 1
  }
}

/// The calling thread.
func threadID() -> UInt { UInt(pthread_self()) }

/// Whether jobs run in fibers, so that what blocks in one lets the others run.
var jobsRunInFibers: Bool { Settings.runtimeLocals.value == .swap }
