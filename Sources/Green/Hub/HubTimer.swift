/// A function that a hub is to call at some time, made by ``Hub/after(_:repeating:_:)``.
///
/// The handle may be dropped: the timer goes on. It belongs to the hub's thread.
public struct HubTimer {
  fileprivate let slots: TimerSlots
  fileprivate let slot: TimerSlots.Slot?
  fileprivate let generation: UInt64

  @inline(__always)
  fileprivate init(_ slots: TimerSlots, _ time: Int64, _ period: Int64, _ body: @escaping () -> Void) {
    self.slots = slots
    slot = slots.set(time, period: period, body)
    generation = slot?.pointee.generation ?? 0
  }

  /// Takes the timer back: the function is not called any more, and is let go of. Does nothing to one that has fired.
  /// Never waits, and may be called by the function itself.
  public func cancel() {
    if let slot { slots.cancel(slot, generation) }
  }

  /// Whether the timer will still fire.
  public var isSet: Bool { slot.map { slots.isSet($0, generation) } ?? false }

  /// When the function is called next; ``Deadline/never`` when it is not.
  public var deadline: Deadline {
    guard let slot, isSet else { return .never }
    return Deadline(nanoseconds: slot.pointee.time)
  }
}

extension Hub {
  /// Calls `body` once `delay` has passed, and then every `period` if there is one.
  ///
  /// It is called on the hub's thread outside any fiber, so it must not park; it may wake fibers, spawn them and set
  /// timers. A repeated timer keeps to its times: being called late does not move the next call, and calls that were
  /// missed are left out. A set timer does not keep the hub alive: it is dropped when the last fiber has finished.
  ///
  /// Virtual time, which stands still while code runs, goes on by a microsecond from one call to a next that is to come
  /// at the same moment: timers that set each other without a delay do not keep it where it is.
  ///
  /// Setting and cancelling one costs less than 100 ns, and allocates nothing but the closure.
  @discardableResult
  public func after(_ delay: Duration, repeating period: Duration? = nil, _ body: @escaping () -> Void) -> HubTimer {
    assert(Hub.current === self, "a timer was set from another thread: use Hub.Remote")
    let nanoseconds = period.map { max(1, $0.wholeNanoseconds) } ?? 0
    return HubTimer(timerSlots, state.callTime(Deadline.after(delay).nanoseconds), nanoseconds, body)
  }

  /// Spawns a fiber that runs `body` once `delay` has passed, and then another every `period` if there is one. Until then
  /// there is no fiber, and no stack is taken. See ``after(_:repeating:_:)``.
  ///
  /// An error that `body` throws is reported, as that of every fiber whose value nobody asks for.
  @discardableResult
  public func spawn(
    after delay: Duration, repeating period: Duration? = nil, name: String? = nil, priority: FiberPriority = .normal,
    file: StaticString = #fileID, line: UInt = #line, _ body: @escaping () throws -> Void
  ) -> HubTimer {
    after(delay, repeating: period) {
      Fiber.spawn(name: name, priority: priority, file: file, line: line, body)
    }
  }
}
