internal import CGlibc
internal import Glibc
internal import Synchronization

/// Where fibers and threads wait for something that is known only by its address: a lock, a once-token.
///
/// A lock then needs no queue of its own, and locks that other libraries own can be waited for as well. (The idea is
/// WebKit's `WTF::ParkingLot`.) Fibers park, plain threads block, and both are woken in the order in which they came,
/// from any thread.
package enum ParkingLot {
  private static let buckets: [Bucket] = (0..<64).map { _ in Bucket() }

  private final class Bucket: Sendable {
    // Held for a few instructions and never across a park, so Swift's own lock is safe here.
    let waiters = Synchronization.Mutex<[Waiter]>([])
  }

  private static func bucket(_ address: UnsafeRawPointer) -> Bucket {
    let hash = UInt(bitPattern: address) >> 3
    return buckets[Int((hash ^ (hash >> 6) ^ (hash >> 12)) & 63)]
  }

  /// Waits under an address until ``unpark(_:all:)`` or the deadline.
  ///
  /// - Parameter validate: asked once the caller is queued; when it says no, because what was to be waited for has
  ///   happened already, the call returns at once. It must not wait.
  /// - Returns: `.ready` when woken or not valid, else `.deadline`.
  package static func park(_ address: UnsafeRawPointer, until deadline: Deadline = .never, validate: () -> Bool)
    -> Wake
  {
    let waiter = Waiter(address)
    let bucket = bucket(address)
    let isValid = bucket.waiters.withLock { waiters in
      guard validate() else { return false }
      waiters.append(waiter)
      return true
    }
    guard isValid else { return .ready }
    if waiter.wait(until: deadline) { return .ready }
    // The deadline passed. A waker may have taken the waiter out meanwhile: then its wake is on the way and counts.
    let isQueued = bucket.waiters.withLock { waiters in
      guard let index = waiters.firstIndex(where: { $0 === waiter }) else { return false }
      waiters.remove(at: index)
      return true
    }
    if isQueued { return .deadline }
    _ = waiter.wait(until: .never)
    return .ready
  }

  /// Wakes the first who waits under the address, or all. Any thread may call it.
  ///
  /// - Returns: how many were woken.
  @discardableResult
  package static func unpark(_ address: UnsafeRawPointer, all: Bool) -> Int {
    let woken = bucket(address).waiters.withLock { waiters in take(&waiters, address, all: all) }
    for waiter in woken { waiter.wake() }
    return woken.count
  }

  /// Takes the first who waits under the address out of the queue, tells `decide` about it while the queue is locked,
  /// and wakes it: for locks, which must change their state together with the queue.
  static func unparkOne(_ address: UnsafeRawPointer, _ decide: (_ isWoken: Bool, _ hasMore: Bool) -> Void) {
    let woken = bucket(address).waiters.withLock { waiters in
      let woken = take(&waiters, address, all: false)
      decide(!woken.isEmpty, waiters.contains { $0.address == address })
      return woken
    }
    for waiter in woken { waiter.wake() }
  }

  private static func take(_ waiters: inout [Waiter], _ address: UnsafeRawPointer, all: Bool) -> [Waiter] {
    guard !waiters.isEmpty else { return [] }
    if all {
      let woken = waiters.filter { $0.address == address }
      waiters.removeAll { $0.address == address }
      return woken
    }
    guard let index = waiters.firstIndex(where: { $0.address == address }) else { return [] }
    return [waiters.remove(at: index)]
  }
}

/// One fiber or one thread that waits in the lot.
///
/// Unsafe: `hub` and `fiber` are used on the hub's thread only; the rest is under the bucket's lock or atomic.
private final class Waiter: @unchecked Sendable {
  let address: UnsafeRawPointer
  private let home: (hub: Hub, fiber: FiberPointer)?
  private let isWoken = Atomic<Bool>(false)
  /// For a plain thread: posted when woken. Unsafe: `sem_t` must not move.
  private let semaphore: UnsafeMutablePointer<sem_t>?

  init(_ address: UnsafeRawPointer) {
    self.address = address
    home = Hub.running
    if home == nil {
      let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
      sem_init(semaphore, 0, 0)
      self.semaphore = semaphore
    } else {
      semaphore = nil
    }
  }

  deinit {
    if let semaphore {
      sem_destroy(semaphore)
      semaphore.deallocate()
    }
  }

  /// Waits; whether the wake came before the deadline.
  func wait(until deadline: Deadline) -> Bool {
    if let semaphore { return wait(on: semaphore, until: deadline) }
    guard let (hub, fiber) = home else { return true }
    while !isWoken.load(ordering: .acquiring) {
      if hub.park(fiber, until: deadline) == .deadline && !isWoken.load(ordering: .acquiring) { return false }
    }
    return true
  }

  private func wait(on semaphore: UnsafeMutablePointer<sem_t>, until deadline: Deadline) -> Bool {
    while true {
      let result: CInt
      if deadline == .never {
        result = sem_wait(semaphore)
      } else {
        var time = deadline.asTimespec
        result = cglibc_sem_wait_until(semaphore, &time)
      }
      if result == 0 { return true }
      if errno != EINTR { return false }
    }
  }

  func wake() {
    if let semaphore {
      sem_post(semaphore)
    } else if let (hub, _) = home {
      if hub === Hub.current {
        deliver()
      } else {
        hub.remote.post { self.deliver() }
      }
    }
  }

  /// On the hub's thread. The fiber cannot have gone on without this wake: see `park`.
  private func deliver() {
    isWoken.store(true, ordering: .releasing)
    if let (hub, fiber) = home { hub.ready(fiber) }
  }
}
