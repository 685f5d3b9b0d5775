internal import Glibc
internal import Synchronization

/// Takes the status of children whose object has gone away, so that they do not stay as zombies.
enum ChildReaper {
  /// One whose descriptor no hub watches.
  private final class Orphan {
    let pid: CInt
    let generation: Int
    var next: UInt = 0

    init(_ pid: CInt, _ generation: Int) {
      self.pid = pid
      self.generation = generation
    }
  }

  /// A list linked by addresses, the last come first. Without a lock, which a forked child might find held for ever.
  private static let first = Atomic<UInt>(0)

  /// Takes over a child that still runs, and the descriptor that tells of its end, -1 for none.
  static func adopt(_ pid: CInt, _ descriptor: CInt) {
    guard let hub = Hub.current, descriptor >= 0 else {
      if descriptor >= 0 { DescriptorOwners.close(descriptor) }
      return push(Orphan(pid, ForkHandler.generation))
    }
    let generation = ForkHandler.generation
    hub.loopWatchers.add(
      descriptor,
      onReadable: { watcher in
        if isRunning(pid) { return }
        hub.loopWatchers.remove(watcher)
        DescriptorOwners.close(descriptor)
      },
      onEnd: {
        DescriptorOwners.close(descriptor)
        push(Orphan(pid, generation))
      })
  }

  /// Whether the child has not ended; one that has is gone afterwards.
  static func isRunning(_ pid: CInt) -> Bool {
    do {
      return try ExitStatus.reap(pid) == nil
    } catch {
      return false
    }
  }

  /// Takes the status of those that no hub watches and that have ended. Called when another child is started.
  static func reapEnded() {
    guard first.load(ordering: .relaxed) != 0 else { return }
    var address = first.exchange(0, ordering: .acquiringAndReleasing)
    while let pointer = UnsafeRawPointer(bitPattern: address) {
      let orphan = Unmanaged<Orphan>.fromOpaque(pointer).takeRetainedValue()
      address = orphan.next
      // A child of the process that this one was forked from is none of this one's.
      if orphan.generation == ForkHandler.generation && isRunning(orphan.pid) { push(orphan) }
    }
  }

  private static func push(_ orphan: Orphan) {
    // Unsafe: the list holds a reference to each of its members, given back when the member is taken out.
    let address = UInt(bitPattern: Unmanaged.passRetained(orphan).toOpaque())
    var isPushed = false
    while !isPushed {
      let head = first.load(ordering: .relaxed)
      orphan.next = head
      isPushed = first.compareExchange(expected: head, desired: address, ordering: .acquiringAndReleasing).exchanged
    }
  }
}
