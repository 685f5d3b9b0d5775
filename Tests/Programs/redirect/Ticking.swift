import CaseSupport
import Glibc
import Green

/// Runs `body`, which takes some ten milliseconds or more, in a fiber while another counts its turns: the thread must have gone
/// on meanwhile. Had it been kept, the other would have had a few. It takes each turn that it can get, so that it counts
/// thousands before a busy machine takes the processor away.
func whileOthersRun(line: Int = #line, _ body: @escaping () throws -> Void) throws {
  // Unsafe: all of it runs on this thread.
  nonisolated(unsafe) let body = body
  nonisolated(unsafe) var turns = 0
  nonisolated(unsafe) var isDone = false
  let other = Fiber.spawn {
    while !isDone {
      Fiber.yield()
      turns += 1
    }
  }
  let fiber = Fiber.spawn { try body() }
  defer { isDone = true }
  try fiber.join()
  isDone = true
  try other.value
  try fiber.value
  try expect(turns >= 30, "others ran \(turns) times only", line: line)
}

/// `milliseconds` from now by a clock.
func time(after milliseconds: Int, _ clock: clockid_t = CLOCK_REALTIME) -> timespec {
  var time = timespec()
  clock_gettime(clock, &time)
  let nanoseconds = time.tv_nsec + milliseconds * 1_000_000
  return timespec(tv_sec: time.tv_sec + nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
}

/// An object of C at an address that does not move, kept to the end of the process.
func allocated<Value>(_ value: Value) -> UnsafeMutablePointer<Value> {
  let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
  pointer.initialize(to: value)
  kept.append(pointer)
  return pointer
}

// Unsafe: only the thread of the cases uses it.
private nonisolated(unsafe) var kept: [UnsafeMutableRawPointer] = []

/// What another process of this program, running one hidden case in which fibers wait in vain, wrote to standard error.
func report(of name: String) throws -> String {
  let result = try ChildProcess.run(["/proc/self/exe", name], until: .after(.seconds(30)))
  return String(decoding: result.error, as: UTF8.self)
}

/// What a C call has written into an array.
func text(_ characters: [CChar]) -> String {
  String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
