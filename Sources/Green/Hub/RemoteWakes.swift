internal import CLibEv
internal import CParking
internal import Synchronization

/// The door through which other threads reach a hub: lists, and libev's `ev_async` to end its wait.
///
/// Nothing is allocated and no lock of the Swift runtime is taken while the lists are locked, since this serves the
/// locks that an allocation may take. The lists are linked by addresses kept as numbers, the last come first.
final class RemoteWakes: Sendable {
  private struct Pending {
    var isOpen = true
    /// Fibers to wake, linked through their waiters.
    var waiters: UInt = 0
    /// What to run, retained.
    var actions: UInt = 0
  }

  private final class Action {
    let body: @Sendable () -> Void
    var next: UInt = 0

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Unsafe: `ev_async_send` may be called on any thread; the watcher and the loop are otherwise the hub thread's own.
  private nonisolated(unsafe) let loop: OpaquePointer
  private nonisolated(unsafe) let watcher: UnsafeMutablePointer<ev_async>
  private let outsiders = Atomic<Int>(0)
  private let pending = Guarded(Pending())

  init(loop: OpaquePointer) {
    self.loop = loop
    watcher = .allocate(capacity: 1)
    watcher.initialize(to: ev_async())
  }

  func start() {
    cev_async_init(watcher) { _, watcher, _ in
      Unmanaged<RemoteWakes>.fromOpaque(watcher!.pointee.data).takeUnretainedValue().drain()
    }
    watcher.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    ev_async_start(loop, watcher)
  }

  /// Wakes a fiber of the hub that has been taken out of the parking lot.
  func wake(_ waiter: UnsafeMutablePointer<cparking_waiter>) {
    let address = UInt(bitPattern: waiter)
    pending.withLock {
      Self.waiter(address)!.pointee.next = Self.waiter($0.waiters)
      $0.waiters = address
      // Sent under the lock: the loop cannot be destroyed in between, and the hub cannot end before this wake.
      ev_async_send(loop, watcher)
    }
  }

  /// Runs `body` on the hub's thread, outside any fiber, soon. Called on any thread; dropped when the hub has ended.
  ///
  /// - Returns: whether the hub takes it.
  @discardableResult
  func post(_ body: @escaping @Sendable () -> Void) -> Bool {
    let action = Unmanaged.passRetained(Action(body))
    let address = UInt(bitPattern: action.toOpaque())
    let isTaken = pending.withLock {
      guard $0.isOpen else { return false }
      Self.action(address)!._withUnsafeGuaranteedRef { [next = $0.actions] in $0.next = next }
      $0.actions = address
      ev_async_send(loop, watcher)
      return true
    }
    if !isTaken { action.release() }
    return isTaken
  }

  /// Somebody outside the hub may wake it: a handle in other hands, a job on another thread.
  func addOutsider() { outsiders.add(1, ordering: .relaxed) }

  /// The last one that goes wakes the hub, which may find that now nothing can.
  func removeOutsider() {
    guard outsiders.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
    pending.withLock { if $0.isOpen { ev_async_send(loop, watcher) } }
  }

  var hasOutsiders: Bool { outsiders.load(ordering: .acquiring) > 0 }

  /// Ends the loop's wait.
  func wakeLoop() { ev_async_send(loop, watcher) }

  private static func waiter(_ address: UInt) -> UnsafeMutablePointer<cparking_waiter>? {
    UnsafeMutablePointer(bitPattern: address)
  }

  private static func action(_ address: UInt) -> Unmanaged<Action>? {
    UnsafeRawPointer(bitPattern: address).map { Unmanaged.fromOpaque($0) }
  }

  private func takePending(closing: Bool = false) -> Pending {
    pending.withLock { pending in
      let taken = pending
      pending = Pending(isOpen: !closing)
      return taken
    }
  }

  private func drain() { run(takePending()) }

  /// When no fiber is left: runs what was posted and has not run, so that who was told that it is taken was told the truth.
  /// Nothing else is taken unless that is the beginning of more.
  ///
  /// - Returns: whether the hub goes on.
  func runLast(while goesOn: () -> Bool) -> Bool {
    run(takePending(closing: true))
    guard goesOn() else { return false }
    pending.withLock { $0.isOpen = true }
    return true
  }

  private func run(_ pending: Pending) {
    var address = pending.waiters
    var waiters: UnsafeMutablePointer<cparking_waiter>?
    while let one = Self.waiter(address) {
      address = UInt(bitPattern: one.pointee.next)
      one.pointee.next = waiters
      waiters = one
    }
    while let one = waiters {
      waiters = one.pointee.next
      ParkingLot.deliver(one)
    }
    for action in Self.actions(pending.actions) { action.body() }
  }

  /// The actions in the order in which they were posted; the list's references are given over.
  private static func actions(_ first: UInt) -> [Action] {
    var actions: [Action] = []
    var address = first
    while let one = action(address)?.takeRetainedValue() {
      address = one.next
      actions.append(one)
    }
    return actions.reversed()
  }

  /// In a forked child: nobody is left to have woken anything.
  func startAfresh() { pending.beginAnew(with: Pending()) }

  /// From now on nothing is taken any more.
  func shut() { _ = Self.actions(takePending(closing: true).actions) }

  func stop() {
    shut()
    ev_async_stop(loop, watcher)
    watcher.deallocate()
  }
}
