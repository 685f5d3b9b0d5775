internal import Glibc
internal import Synchronization

/// Which descriptors any hub of the process watches, so that a close on whatever thread reaches the hub concerned.
enum DescriptorOwners {
  private static let hubs = Synchronization.Mutex<[(remote: RemoteWakes, closing: @Sendable (CInt) -> Void)]>([])

  /// One flag a descriptor. Unsafe: memory from calloc, of which only touched pages exist; all zero is `false`.
  private nonisolated(unsafe) static let watched: UnsafeMutablePointer<Atomic<Bool>> = {
    calloc(limit, MemoryLayout<Atomic<Bool>>.stride)!.bindMemory(to: Atomic<Bool>.self, capacity: limit)
  }()
  private static let limit = 1 << 16

  static func add(_ hub: Hub) {
    // Unsafe: the closure only runs on the hub's thread, and not after the hub has ended.
    nonisolated(unsafe) unowned let hub = hub
    let remote = hub.remote
    hubs.withLock { $0.append((remote, { hub.descriptors.closedElsewhere($0) })) }
  }

  static func remove(_ hub: Hub) { hubs.withLock { $0.removeAll { $0.remote === hub.remote } } }

  static func setWatched(_ descriptor: CInt) {
    if Int(descriptor) < limit { watched[Int(descriptor)].store(true, ordering: .relaxed) }
  }

  /// A descriptor is about to be closed or replaced by the calling thread.
  static func closing(_ descriptor: CInt) {
    guard descriptor >= 0 else { return }
    if Int(descriptor) < limit {
      guard watched[Int(descriptor)].load(ordering: .relaxed) else { return }
      watched[Int(descriptor)].store(false, ordering: .relaxed)
    }
    let own = Hub.current
    own?.descriptors.closing(descriptor)
    let others = hubs.withLock { $0 }
    for hub in others where hub.remote !== own?.remote { hub.remote.post { hub.closing(descriptor) } }
  }
}
