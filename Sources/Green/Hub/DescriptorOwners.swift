internal import Glibc
internal import Synchronization

/// Which descriptors any hub of the process watches, so that a close on whatever thread reaches the hub concerned.
///
/// A close is announced twice: the calling thread's own hub hears of it before, while the descriptor still is what it was, and
/// other hubs after it. Told before, one of them could watch the descriptor again before it is gone, and wait for ever.
package enum DescriptorOwners {
  private typealias Owner = (remote: RemoteWakes, closed: @Sendable (CInt) -> Void)

  private static let hubs = Guarded<[Owner]>([])

  /// One flag a descriptor. Unsafe: memory from calloc, of which only touched pages exist; all zero is `false`.
  private nonisolated(unsafe) static let watched: UnsafeMutablePointer<Atomic<Bool>> = {
    calloc(limit, MemoryLayout<Atomic<Bool>>.stride)!.bindMemory(to: Atomic<Bool>.self, capacity: limit)
  }()
  private static let limit = 1 << 16

  private static let highest = Atomic<CInt>(-1)
  /// The process that the hubs belong to. A child of `vfork` shares its memory, and its closes are not ours.
  private static let home = Atomic<pid_t>(0)

  /// The highest descriptor that any hub has watched so far, -1 for none.
  package static var highestWatched: CInt { highest.load(ordering: .relaxed) }

  static func add(_ hub: Hub) {
    let owner = owner(hub)
    home.store(getpid(), ordering: .relaxed)
    hubs.withLock { $0.append(owner) }
  }

  private static func owner(_ hub: Hub) -> Owner {
    // Unsafe: the closure only runs on the hub's thread, and not after the hub has ended.
    nonisolated(unsafe) unowned let hub = hub
    return (hub.remoteWakes, { hub.descriptors.closedElsewhere($0) })
  }

  static func remove(_ hub: Hub) { hubs.withLock { $0.removeAll { $0.remote === hub.remoteWakes } } }

  /// In a forked child: the hubs of other threads are not there, and this thread's comes back by itself.
  static func forgetAll() { hubs.beginAnew(with: []) }

  static func setWatched(_ descriptor: CInt) {
    if Int(descriptor) < limit { watched[Int(descriptor)].store(true, ordering: .sequentiallyConsistent) }
    if descriptor > highestWatched { highest.max(descriptor, ordering: .relaxed) }
  }

  private static func isWatched(_ descriptor: CInt) -> Bool {
    guard descriptor >= 0, descriptor <= highestWatched else { return false }
    return Int(descriptor) >= limit || watched[Int(descriptor)].load(ordering: .sequentiallyConsistent)
  }

  /// To be called before a descriptor is closed or replaced: the calling thread's hub forgets it.
  ///
  /// - Returns: what to hand to ``closed(_:_:)``.
  package static func closing(_ descriptor: CInt) -> Bool {
    guard isWatched(descriptor), getpid() == home.load(ordering: .relaxed) else { return false }
    if Int(descriptor) < limit { watched[Int(descriptor)].store(false, ordering: .sequentiallyConsistent) }
    Hub.current?.descriptors.closing(descriptor)
    return true
  }

  /// To be called after the close: the other hubs look at the descriptor again. By now the number may belong to a new
  /// descriptor, so its flag is left alone.
  package static func closed(_ descriptor: CInt, _ wasWatched: Bool) {
    guard wasWatched || isWatched(descriptor), getpid() == home.load(ordering: .relaxed) else { return }
    let own = Hub.current
    let others = hubs.withLock { $0 }
    for hub in others where hub.remote !== own?.remoteWakes { hub.remote.post { hub.closed(descriptor) } }
  }

  /// A descriptor was opened: what is known under its number is of an earlier one, whose close nobody saw.
  static func opened(_ descriptor: CInt) {
    guard isWatched(descriptor) else { return }
    Hub.current?.descriptors.closedElsewhere(descriptor)
  }

  /// As ``opened(_:)``, told by code that may run in a child of `vfork`, whose descriptors are not ours.
  package static func reopened(_ descriptor: CInt) {
    if isWatched(descriptor), getpid() == home.load(ordering: .relaxed) { opened(descriptor) }
  }
}
