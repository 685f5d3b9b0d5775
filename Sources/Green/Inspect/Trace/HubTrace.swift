internal import CFiber
internal import Glibc

/// When each fiber of a hub has the thread, waits for what, and is woken by whom: recorded as it happens. See
/// ``Hub/trace(to:limit:)``.
public final class HubTrace: HubExtension {
  /// A fiber between two turns with the thread.
  private struct Pause {
    var since: Int64
    /// What it waits for; `nil` where it only gave way, or has not begun.
    var wait: WaitReason?
    /// When it was made ready, and by whom; 0 before.
    var readyAt: Int64 = 0
    var waker: UInt64 = 0
  }

  private var text: TraceText
  private var sink: (any TraceSink)?
  private weak var hub: Hub?
  private let limit: Int
  private var written = 0
  private var pauses: [UInt64: Pause] = [:]
  private var runsSince: Int64
  private var sleepsSince: Int64 = 0
  private var arrows: UInt64 = 0

  /// What is gathered before it is written.
  private static let batch = 1 << 16

  package init(_ hub: Hub, to sink: some TraceSink, limit: Int) {
    self.hub = hub
    self.sink = sink
    self.limit = limit
    text = TraceText(process: getpid())
    runsSince = Deadline.realNow.nanoseconds
    hub.attach(self)
    begin(hub)
  }

  private func begin(_ hub: Hub) {
    text.label(nil, .process(getpid()))
    text.label(0, .words("hub"))
    hub.state.forEachFiber { fiber in
      text.label(fiber.pointee.id, .fiber(fiber))
      guard fiber != cfiber_current() else { return }
      let isParked = fiber.record.pointee.state == .parked
      pauses[fiber.pointee.id] = Pause(
        since: runsSince, wait: isParked ? fiber.waitReason : nil, readyAt: isParked ? 0 : runsSince)
    }
  }

  /// Ends the trace, and writes what is left of it. On the hub's thread; ending twice does nothing.
  public func end() {
    guard let hub, sink != nil else { return }
    hub.detach(self)
    let now = Deadline.realNow.nanoseconds
    if let fiber = cfiber_current() { endRun(of: fiber, at: now) }
    hub.state.forEachFiber { fiber in
      text.label(fiber.pointee.id, .fiber(fiber))
      if let pause = pauses[fiber.pointee.id] { add(pause, of: fiber.pointee.id, until: now) }
    }
    flush()
    sink?.end()
    sink = nil
  }

  deinit { sink?.end() }

  // MARK: What the hub tells

  package var moments: HubMoments { [.switches, .sleeps] }

  package func fiberSwitches(from: FiberHandle, to: FiberHandle) {
    let (from, to) = (from.pointer, to.pointer)
    guard from != to, sink != nil else { return }
    let now = Deadline.realNow.nanoseconds
    endRun(of: from, at: now)
    runsSince = now
    if let pause = pauses.removeValue(forKey: to.pointee.id) { add(pause, of: to.pointee.id, until: now) }
    if text.bytes.count >= Self.batch { flush() }
  }

  package func fiberReady(_ fiber: FiberHandle) {
    let number = fiber.pointer.pointee.id
    let now = Deadline.realNow.nanoseconds
    let waker = cfiber_current()
    // Who gives way is still the one that runs; it has no pause before the switch.
    if waker == fiber.pointer { return pauses[number] = Pause(since: now, readyAt: now, waker: number) }
    pauses[number, default: Pause(since: now)].readyAt = now
    pauses[number]?.waker = waker.map { $0.pointee.slab == nil ? 0 : $0.pointee.id } ?? 0
  }

  package func fiberSpawned(_ fiber: FiberHandle) {
    text.label(fiber.pointer.pointee.id, .fiber(fiber.pointer))
  }

  package func loopSleeps() { sleepsSince = Deadline.realNow.nanoseconds }

  package func loopWakes() {
    let now = Deadline.realNow.nanoseconds
    // What takes no time is a look, and not a wait.
    if sleepsSince > 0, now - sleepsSince >= 20_000 {
      text.slice(.words("sleeps"), "loop", on: 0, from: max(sleepsSince, runsSince), to: now)
    }
    sleepsSince = 0
  }

  /// What is in memory is the parent's, and so is its file.
  package func hubForked(_ hub: Hub) {
    text = TraceText(process: getpid())
    pauses = [:]
    (written, sleepsSince) = (0, 0)
    sink = sink?.forked()
    guard sink != nil else { return hub.detach(self) }
    runsSince = Deadline.realNow.nanoseconds
    begin(hub)
  }

  package func hubEnds(_ hub: Hub) { end() }

  // MARK: Writing

  private func endRun(of fiber: FiberPointer, at now: Int64) {
    let isFiber = fiber.pointee.slab != nil
    let number = isFiber ? fiber.pointee.id : 0
    text.slice(.fiber(fiber), isFiber ? "fiber" : "loop", on: number, from: runsSince, to: now)
    guard isFiber else { return }
    switch fiber.record.pointee.state {
    case .parked: pauses[number] = Pause(since: now, wait: fiber.waitReason)
    case .finished:
      // It may have been given its name as it ran.
      text.label(number, .fiber(fiber))
      pauses[number] = nil
    // It gave way: what it did until now it did with the thread.
    case .ready: pauses[number] = Pause(since: now, readyAt: now, waker: number)
    case .running: break
    }
  }

  private func add(_ pause: Pause, of fiber: UInt64, until now: Int64) {
    let ready = pause.readyAt == 0 ? now : pause.readyAt
    if let wait = pause.wait { text.slice(.wait(wait), "wait", on: fiber, from: pause.since, to: ready) }
    guard pause.readyAt != 0 else { return }
    text.slice(.words("ready"), "ready", on: fiber, from: ready, to: now)
    guard pause.waker != fiber else { return }
    arrows += 1
    text.arrow(arrows, from: pause.waker, at: ready, to: fiber, at: now)
  }

  private func flush() {
    guard let sink else { return }
    let isLast = written + text.bytes.count > limit
    if isLast { text.note("the trace ends early: it has reached its limit", at: Deadline.realNow.nanoseconds) }
    let bytes = text.takeBytes()
    written += bytes.count
    if !sink.write(bytes) || isLast {
      hub?.detach(self)
      sink.end()
      self.sink = nil
    }
  }
}

extension FiberPointer {
  fileprivate var waitReason: WaitReason { WaitReason(record.pointee.waitKind, record.pointee.waitDetail) }
}
