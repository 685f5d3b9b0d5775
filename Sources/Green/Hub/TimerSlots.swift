/// The memory of one ``HubTimer``.
struct TimerSlot {
  /// First, so that the heap's node is found from the slot and the slot from the node.
  var node = TimerNode()
  /// Counts the timers that have been set here: a handle to an earlier one does nothing.
  var generation: UInt64 = 0
  /// When it fires next.
  var time: Int64 = .max
  /// Nanoseconds between two calls, 0 for a timer that fires once.
  var period: Int64 = 0
  var body: (() -> Void)?
  var owner: Unmanaged<TimerSlots>
  var nextFree: TimerSlots.Slot?
}

/// The timers of one hub that run functions.
///
/// Unsafe: they lie in chunks that never move, since the heap keeps their addresses, and a slot is used again and again:
/// setting a timer allocates nothing but the caller's closure. Only the hub's thread uses them; the handles keep the
/// memory, so that one that outlives the hub finds its timer gone instead of something else.
final class TimerSlots {
  typealias Slot = UnsafeMutablePointer<TimerSlot>

  @exclusivity(unchecked) private var chunks: [Slot] = []
  @exclusivity(unchecked) private var firstFree: Slot?
  /// `nil` once the hub has ended.
  @exclusivity(unchecked) private var hub: HubPointer?
  private static let chunkSize = 64

  func open(_ hub: HubPointer) { self.hub = hub }

  deinit {
    for chunk in chunks {
      chunk.deinitialize(count: Self.chunkSize)
      chunk.deallocate()
    }
  }

  @inline(__always)
  func set(_ time: Int64, period: Int64, _ body: @escaping () -> Void) -> Slot? {
    guard let hub else { return nil }
    let slot = firstFree ?? makeChunk()
    firstFree = slot.pointee.nextFree
    slot.pointee.period = period
    slot.pointee.body = body
    insert(slot, at: time, hub)
    return slot
  }

  @inline(__always)
  private func insert(_ slot: Slot, at time: Int64, _ hub: HubPointer) {
    slot.pointee.time = time
    // One that never fires is not waited for.
    if time == .max { return }
    hub.pointee.timers.insert(Self.node(slot), at: time)
  }

  @inline(__always)
  func isSet(_ slot: Slot, _ generation: UInt64) -> Bool { slot.pointee.generation == generation && hub != nil }

  @inline(__always)
  func cancel(_ slot: Slot, _ generation: UInt64) {
    guard let hub, slot.pointee.generation == generation else { return }
    hub.pointee.timers.remove(Self.node(slot))
    free(slot)
  }

  @inline(__always)
  private func free(_ slot: Slot) {
    slot.pointee.generation &+= 1
    slot.pointee.nextFree = firstFree
    firstFree = slot
    // Last: what the closure held may set timers when it goes.
    slot.pointee.body = nil
  }

  private func fire(_ slot: Slot) {
    guard let hub, let body = slot.pointee.body else { return }
    if slot.pointee.period == 0 {
      free(slot)
    } else {
      let now = Deadline.now.nanoseconds
      insert(slot, at: Self.next(after: slot.pointee.time, every: slot.pointee.period, now: now), hub)
    }
    body()
  }

  /// The next time on the timer's grid that is not in the past: calls that were missed are left out.
  static func next(after time: Int64, every period: Int64, now: Int64) -> Int64 {
    let (next, overflow) = time.addingReportingOverflow(period)
    if overflow { return .max }
    guard next <= now else { return next }
    // One that was due before time began is on the grid of now.
    let (late, isAbsurd) = now.subtractingReportingOverflow(next)
    if isAbsurd { return now }
    let (later, tooLate) = next.addingReportingOverflow((late / period + 1) * period)
    return tooLate ? .max : later
  }

  @inline(__always)
  private static func node(_ slot: Slot) -> UnsafeMutablePointer<TimerNode> {
    UnsafeMutableRawPointer(slot).assumingMemoryBound(to: TimerNode.self)
  }

  @inline(never)
  private func makeChunk() -> Slot {
    let chunk = Slot.allocate(capacity: Self.chunkSize)
    chunk.initialize(repeating: TimerSlot(owner: .passUnretained(self)), count: Self.chunkSize)
    chunks.append(chunk)
    for index in 0..<Self.chunkSize {
      chunk[index].nextFree = index + 1 < Self.chunkSize ? chunk + index + 1 : firstFree
      chunk[index].node.argument = UnsafeMutableRawPointer(chunk + index)
      chunk[index].node.action = { argument in
        let slot = argument.assumingMemoryBound(to: TimerSlot.self)
        slot.pointee.owner.takeUnretainedValue().fire(slot)
      }
    }
    return chunk
  }

  /// The hub ends: none of the timers fires any more.
  private func removeAll() {
    forEachSet { slot in
      hub?.pointee.timers.remove(Self.node(slot))
      free(slot)
    }
  }

  private func forEachSet(_ body: (Slot) -> Void) {
    for chunk in chunks {
      for slot in (0..<Self.chunkSize).map({ chunk + $0 }) where slot.pointee.body != nil { body(slot) }
    }
  }

  /// This is the child of a fork: what the functions hold is the parent's, and is never let go of.
  func forgetAll() {
    forEachSet { slot in
      hub?.pointee.timers.remove(Self.node(slot))
      // Moved to where nothing ends it: where it is overwritten only, the optimizer makes a release of that.
      let kept = UnsafeMutablePointer<(() -> Void)?>.allocate(capacity: 1)
      withUnsafeMutablePointer(to: &slot.pointee.body) {
        kept.moveInitialize(from: $0, count: 1)
        $0.initialize(to: nil)
      }
      free(slot)
    }
  }

  func close() {
    removeAll()
    hub = nil
  }
}
