internal import CFiber
internal import Glibc
internal import Synchronization

/// What the Swift runtime keeps per thread although it belongs to a fiber: the current task, the executor tracking, the
/// task-locals bound outside a task, and the set of accesses under way (a list whose nodes lie on the stack).
///
/// Without care a fiber would see another's task-locals, and an access that is open while the fiber is parked would
/// abort the process. These words are private to the runtime, so they are found by a probe: the thread's block is
/// compared before and within a job, a task-local scope and an access. What was found is believed only when two probe
/// fibers, with those words swapped at each switch, each see their own. Otherwise the hub falls back to the two functions
/// that the runtime exports for the accesses alone, and says so.
package enum RuntimeLocals {
  /// How a hub keeps the fibers' runtime state apart.
  package enum Mode: Equatable, CustomStringConvertible {
    /// These many words are swapped at each switch, found and verified.
    case swapped(words: Int)
    /// Only the set of accesses is kept apart: jobs and task-locals must not be open across a switch.
    case accessesOnly(reason: String)

    package var description: String {
      switch self {
      case .swapped(let words): "\(words) words swapped at each switch"
      case .accessesOnly(let reason): "accesses only (\(reason))"
      }
    }
  }

  /// Finds, verifies and registers the words for the calling thread, which has just been attached.
  ///
  /// `GREEN_RUNTIME_LOCALS=accesses` in the environment takes the fall-back at once.
  static func install(pool: OpaquePointer) -> Mode {
    if Settings.runtimeLocals.value == .accesses {
      return fallBack("asked for by GREEN_RUNTIME_LOCALS")
    }
    let words = Probe().words()
    guard !words.isEmpty, words.count <= Int(GREEN_LOCAL_WORDS) else {
      return fallBack("the probe found \(words.count) words")
    }
    words.map(UnsafeMutableRawPointer?.some).withUnsafeBufferPointer {
      _ = cfiber_thread_locals($0.baseAddress, CInt($0.count))
    }
    if let difference = Verification(pool: pool).run() {
      cfiber_thread_locals(nil, 0)
      return fallBack(difference)
    }
    return .swapped(words: words.count)
  }

  private static func fallBack(_ reason: String) -> Mode {
    cfiber_thread_local_hooks({ exitThreadLocalContext($0!) }, { enterThreadLocalContext($0!) })
    return .accessesOnly(reason: reason)
  }
}

// Exported by libswiftCore for libswift_Concurrency (stdlib/public/runtime/Exclusivity.cpp): they save and restore the
// set of accesses in two words.
@_silgen_name("swift_task_exitThreadLocalContext")
private func exitThreadLocalContext(_ state: UnsafeMutablePointer<CChar>)
@_silgen_name("swift_task_enterThreadLocalContext")
private func enterThreadLocalContext(_ state: UnsafeMutablePointer<CChar>)

/// Things that leave a mark in the runtime's thread-local state.
enum RuntimeMarks {
  @TaskLocal static var number = 0

  final class Box {
    var number = 0
    init() {}
  }

  /// Calls `body` inside a `modify` access to a class's property.
  @inline(never)
  static func insideAccess(to box: Box, _ body: () -> Void) { hold(&box.number, body) }

  @inline(never)
  private static func hold(_ number: inout Int, _ body: () -> Void) {
    number &+= 1
    body()
  }

  /// Calls `body` inside a job of a task, on the calling thread, before it returns.
  static func insideJob(_ body: @escaping () -> Void) {
    // Unsafe: the closure does not leave this thread; the executor below runs the job right here.
    nonisolated(unsafe) let body = body
    let executor = ImmediateExecutor()
    Task.detached(executorPreference: executor) { body() }
    executor.runAll()
  }
}

/// Keeps jobs until it is told to run them on the calling thread.
private final class ImmediateExecutor: TaskExecutor, SerialExecutor, Sendable {
  private let jobs = Guarded<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  func runAll() {
    while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
