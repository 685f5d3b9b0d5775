internal import CFiber
internal import CInspect
internal import Glibc

extension Hub {
  /// How deep the stacks of this hub's fibers went, of those that have ended since ``takesStackCensus`` was switched on:
  /// what ``Settings/stackSize`` can be. To be called on the hub's thread.
  ///
  /// Depth is exact to the machine word, counted from the fiber's first frame, with the runtime's own frames, and with
  /// what redirected calls and signal handlers without a stack of their own put there. Only what was written counts:
  /// room that a fiber's deepest call reserved and left zero does not, nor do variables that AddressSanitizer keeps
  /// elsewhere. The guard below a stack is not for use, so leave room: a path that was not taken yet may be deeper.
  public var stackCensus: StackCensus { census(of: attached(StackCounter.self)) }

  fileprivate func census(of counter: StackCounter?) -> StackCensus {
    let entries = [cfiber_census_entry](unsafeUninitializedCapacity: Int(GREEN_CENSUS_MOST)) { room, count in
      count = counter?.read(into: room) ?? 0
    }
    return StackCensus(stackSize: cfiber_pool_inspect(state.pointee.pool).stack_size, entries: entries)
  }

  /// Whether ``stackCensus`` is taken, of fibers spawned from then on; at first as ``Settings/stackCensus`` says. Some
  /// 2 µs more for each fiber, and more for each page that is there; nothing while it is off. Switched on, it begins anew.
  public var takesStackCensus: Bool {
    get { attached(StackCounter.self) != nil }
    set {
      let present = attached(StackCounter.self)
      if let present, !newValue { detach(present) }
      if present == nil, newValue, let counter = StackCounter(self) { attach(counter) }
    }
  }

  /// Tells it now, where it would be told at the hub's end.
  package func endStackCensus() {
    guard let counter = attached(StackCounter.self) else { return }
    detach(counter)
    counter.hubEnds(self)
  }
}

/// Looks how deep the stack of each fiber that has ended went.
private final class StackCounter: HubExtension {
  private var census: OpaquePointer

  /// `nil` where memory is short.
  init?(_ hub: Hub) {
    guard let census = cfiber_census_create(hub.state.pointee.pool) else { return nil }
    self.census = census
  }

  deinit { cfiber_census_destroy(census) }

  func read(into room: UnsafeMutableBufferPointer<cfiber_census_entry>) -> Int {
    cfiber_census_read(census, room.baseAddress)
  }

  var moments: HubMoments { .stacks }

  func fiberLeft(_ fiber: FiberHandle) {
    let site = fiber.pointer.record.pointee.site
    site.file.withMemoryRebound(to: CChar.self, capacity: 1) { cfiber_census_add(census, fiber.pointer, $0, site.line) }
  }

  /// The fibers counted were the parent's.
  func hubForked(_ hub: Hub) {
    guard let own = cfiber_census_create(hub.state.pointee.pool) else { return }
    cfiber_census_destroy(census)
    census = own
  }

  /// Tells it on standard error where the environment has asked for it.
  func hubEnds(_ hub: Hub) {
    guard Settings.stackCensus.source == .environment else { return }
    let census = hub.census(of: self)
    let place = "hub of thread \(cinspect_thread_id()) in process \(getpid())"
    if !census.sites.isEmpty { Report.message("\(place): \(census)") }
  }
}
