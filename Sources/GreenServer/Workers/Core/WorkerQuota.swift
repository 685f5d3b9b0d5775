import Glibc
import Green
import Synchronization

/// How much a worker serves before another is to take its place. It serves on until the master says that it does.
final class WorkerQuota: Sendable {
  /// The number of its last request; the highest number where there is none.
  let requests: UInt64
  /// How many bytes of memory it may have; 0 for any number.
  let memory: Int
  /// Whether there is anything to be looked at.
  let isLimited: Bool
  private let nextLook = Atomic<Int64>(0)
  /// Whether the master has been told.
  let isTold = Atomic<Bool>(false)

  /// Draws the worker's own part of the jitter.
  init(_ configuration: Configuration) {
    let most = configuration.maxRequests
    requests = most > 0 ? UInt64(most + Int.random(in: 0...configuration.maxRequestsJitter)) : .max
    memory = configuration.maxWorkerMemory
    isLimited = most > 0 || memory > 0
  }

  /// Whether it is time to look, which it is once a second.
  func isTimeToLook(at now: Int64) -> Bool {
    let next = nextLook.load(ordering: .relaxed)
    return now >= next
      && nextLook.compareExchange(expected: next, desired: now + 1_000_000_000, ordering: .relaxed).exchanged
  }
}

extension WorkerContext {
  /// The worker has begun its last request, of which any thread may tell. Should the master not be able to listen just now, it
  /// is told later.
  func noteQuota() {
    logger.info("Autorestarting worker after current request.")
    lookAtRequests()
  }

  /// What the master has not been told, and whether the memory has become too much.
  func lookAtQuota() {
    guard !quota.isTold.load(ordering: .relaxed), quota.isTimeToLook(at: monotonicNanoseconds()) else { return }
    lookAtRequests()
    guard quota.memory > 0, let resident = ProcessMemory.resident, resident > quota.memory else { return }
    tellMaster("it has \(resident >> 20) MiB of memory, and may have \(quota.memory >> 20)")
  }

  private func lookAtRequests() {
    if slot.requests >= quota.requests { tellMaster("it has had \(quota.requests) requests") }
  }

  private func tellMaster(_ reason: String) {
    guard !quota.isTold.exchange(true, ordering: .relaxed) else { return }
    do {
      try handshake.send(.due(reason: reason))
    } catch {
      quota.isTold.store(false, ordering: .relaxed)
    }
  }
}
