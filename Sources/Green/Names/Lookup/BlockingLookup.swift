internal import CGlibc
internal import Glibc
internal import Synchronization

/// Calls of the C library that block, made on threads that live as long as there is something to do: for sources of
/// names that only the C library can ask.
enum BlockingLookup {
  private struct Threads {
    var running = 0
    var waiting = Fifo<@Sendable () -> Void>()
    /// A forked child has none of the threads that its parent started.
    var owner: pid_t = 0
  }

  private static let threads = Synchronization.Mutex(Threads())
  private static var mostThreads: Int { 16 }

  /// Runs `body` on a thread and waits for what it returns: a fiber parks, a plain thread blocks.
  ///
  /// - Throws: ``ResolverError/timedOut(_:)`` at the deadline; `body` goes on, and what it returns is dropped.
  static func run<Value: Sendable>(
    _ name: String, until deadline: Deadline, _ body: @escaping @Sendable () -> Value
  ) throws -> Value {
    guard let (hub, fiber) = Hub.running else { return try runBlocking(name, until: deadline, body) }
    let pending = PendingAnswer<Value>()
    // Unsafe: the answer comes back to the hub's thread before it is touched.
    nonisolated(unsafe) let answer = pending
    let remote = hub.remote
    try start(name) {
      let value = body()
      remote.post { answer.resolve(value) }
    }
    guard let value = try pending.wait(fiber, on: hub, until: deadline) else { throw ResolverError.timedOut(name) }
    return value
  }

  private final class Slot<Value: Sendable>: Sendable {
    let value = Synchronization.Mutex<Value?>(nil)
  }

  private static func runBlocking<Value: Sendable>(
    _ name: String, until deadline: Deadline, _ body: @escaping @Sendable () -> Value
  ) throws -> Value {
    guard deadline != .never else { return body() }
    let slot = Slot<Value>()
    try start(name) {
      let value = body()
      slot.value.withLock { $0 = value }
      // Unsafe: an address to wait under, never read.
      ParkingLot.unpark(UnsafeRawPointer(Unmanaged.passUnretained(slot).toOpaque()), all: true)
    }
    let address = UnsafeRawPointer(Unmanaged.passUnretained(slot).toOpaque())
    while true {
      if let value = slot.value.withLock({ $0 }) { return value }
      let wake = ParkingLot.park(address, until: deadline) { slot.value.withLock { $0 == nil } }
      if wake == .deadline {
        if let value = slot.value.withLock({ $0 }) { return value }
        throw ResolverError.timedOut(name)
      }
    }
  }

  private final class Job {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static func start(_ name: String, _ job: @escaping @Sendable () -> Void) throws {
    let needsThread = threads.withLock { threads in
      let process = getpid()
      if threads.owner != process { threads = Threads(owner: process) }
      if threads.running == mostThreads {
        threads.waiting.append(job)
        return false
      }
      threads.running += 1
      return true
    }
    guard needsThread else { return }
    // Signals are for the threads that the program knows of.
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let argument = Unmanaged.passRetained(Job(job))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      {
        var next: (@Sendable () -> Void)? = Unmanaged<Job>.fromOpaque($0!).takeRetainedValue().body
        while let body = next {
          body()
          next = BlockingLookup.nextJob()
        }
        return nil
      }, argument.toOpaque())
    guard status != 0 else {
      pthread_detach(thread)
      return
    }
    argument.release()
    threads.withLock { $0.running -= 1 }
    throw ResolverError.failed(name, code: EAI_SYSTEM, String(cString: strerror(status)))
  }

  /// What is to be done next; without it the thread ends.
  private static func nextJob() -> (@Sendable () -> Void)? {
    threads.withLock { threads in
      let job = threads.waiting.popFirst()
      if job == nil { threads.running -= 1 }
      return job
    }
  }
}
