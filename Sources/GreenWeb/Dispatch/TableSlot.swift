internal import Green
internal import Synchronization

/// Where an application's table of routes is found, which is read without a lock. Whatever has a part in the table holds the
/// slot, and empties it when it changes.
final class TableSlot: Sendable {
  /// The address of what is in force, unretained; 0 when it must be made first.
  private let current = Atomic<UInt>(0)
  private let version = Guarded(0)

  /// What is in force; `nil` when it must be made first.
  var address: UnsafeRawPointer? {
    @inline(__always) get { UnsafeRawPointer(bitPattern: current.load(ordering: .acquiring)) }
  }

  /// How often something has changed: asked before a table is made.
  var changes: Int { version.withLock { $0 } }

  /// Has the next request make the table anew.
  func invalidate() {
    version.withLock { version in
      version += 1
      current.store(0, ordering: .releasing)
    }
  }

  /// Puts in force what was made after so many changes, unless there has been another.
  func publish(_ address: UnsafeRawPointer, after changes: Int) {
    version.withLock { version in
      if version == changes { current.store(UInt(bitPattern: address), ordering: .releasing) }
    }
  }
}
