import CaseSupport
import Glibc
import Green
import Synchronization
import WaitCalls

/// Runs `body`, which takes some ten milliseconds or more, in a fiber while another counts its turns: the thread must have gone
/// on meanwhile. Had it been kept, the other would have had a few. It takes each turn that it can get, so that it counts
/// thousands before a busy machine takes the processor away.
///
/// A machine that takes it away before that, and for as long as `body` takes, says nothing: whoever keeps the thread
/// either waits in the kernel, for which a hub whose fibers are always ready has no reason, or computes.
func whileOthersRun(line: Int = #line, _ body: @escaping () throws -> Void) throws {
  // Unsafe: all of it runs on this thread.
  nonisolated(unsafe) let body = body
  nonisolated(unsafe) var turns = 0
  nonisolated(unsafe) var isDone = false
  let (waits, computed, start) = (calls_waits(), processorTime(), Deadline.now.nanoseconds)
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
  let hasWaited = calls_waits() > waits
  let hasComputed = Int64(processorTime() - computed) * 2 > Deadline.now.nanoseconds - start
  try other.value
  try fiber.value
  try expect(turns >= 30 || !(hasWaited || hasComputed), "others ran \(turns) times only", line: line)
}

/// What the calling thread has had of the processor, in nanoseconds.
func processorTime() -> Int {
  time(after: 0, CLOCK_THREAD_CPUTIME_ID).nanoseconds
}

extension timespec {
  fileprivate var nanoseconds: Int { tv_sec * 1_000_000_000 + tv_nsec }
}

/// Parks until it is so. A case that waits in vain is ended by its alarm.
func until(_ condition: () -> Bool) {
  while !condition() { usleep(1000) }
}

/// What threads and fibers tell one another.
final class Flag: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }
  func set() { flag.store(true, ordering: .releasing) }
}

/// What threads and fibers count together.
final class Count: Sendable {
  private let count = Atomic(0)

  var value: Int { count.load(ordering: .acquiring) }
  func add() { count.add(1, ordering: .acquiringAndReleasing) }
}

/// A thread whose `body` begins with a call that waits, of which it is known when it has come to that.
final class WaitingThread {
  private final class Number: Sendable {
    let value = Atomic<CInt>(0)
  }

  private let number: Number
  private let thread: PlainThread

  init(_ body: @escaping () -> Void) {
    let number = Number()
    self.number = number
    thread = PlainThread {
      number.value.store(calls_thread_number(), ordering: .releasing)
      body()
    }
  }

  /// Parks until the thread waits, or has ended.
  func waitUntilAsleep() {
    until { calls_is_asleep(number.value.load(ordering: .acquiring)) != 0 }
  }

  func join() { thread.join() }
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
