internal import CFiber
internal import CInspect

/// Why each switch of a hub is looked at.
struct Observers: OptionSet {
  let rawValue: UInt8

  /// Somebody chooses which of the ready fibers is next.
  static let choice = Observers(rawValue: 1)
  /// Somebody wants to know how long things take.
  static let measuring = Observers(rawValue: 2)
  /// Somebody's function is to be called.
  static let hooks = Observers(rawValue: 4)
}

// The way of a switch looks at one thing, whether there is any observer, and comes here when there is.
extension UnsafeMutablePointer where Pointee == HubState {
  func observe(_ observer: Observers, _ isOn: Bool = true) {
    if isOn { pointee.observers.insert(observer) } else { pointee.observers.remove(observer) }
    // The watchdog's interest is looked up at the next switch.
    pointee.isObserved = !pointee.observers.isEmpty || pointee.watchdog != nil
  }

  /// As ``next()`` while somebody watches or chooses.
  @inline(never)
  func nextObserved() -> FiberPointer {
    let next = pointee.watchdog.map(nextWatched) ?? chooseNext()
    if !pointee.observers.isDisjoint(with: [.measuring, .hooks]), let from = green_current(), from != next {
      if let measurement = pointee.measurement { measurement.switched(from: from, to: next) }
      if !pointee.hooks.isEmpty { callHooks(from: from, to: next) }
    }
    return next
  }

  private func nextWatched(_ watchdog: OpaquePointer) -> FiberPointer {
    // The fiber that gives the thread back is one that the watchdog has noticed: the loop is to tell of it.
    let next = cinspect_watchdog_switched(watchdog) != 0 ? pointee.root : chooseNext()
    if next != pointee.root { cinspect_watchdog_resumes(watchdog) }
    // Its signal handler has set this.
    pointee.isObserved = !pointee.observers.isEmpty || cinspect_watchdog_is_interested(watchdog) != 0
    return next
  }

  private func chooseNext() -> FiberPointer {
    if let choice = pointee.choice { return next(by: choice) }
    let hasEveryoneRun = pointee.batch.isEmpty
    if hasEveryoneRun { swap(&pointee.batch, &pointee.queue) }
    if isLoopsTurn() || hasEveryoneRun && pointee.isTurnDue { return pointee.root }
    guard let fiber = pointee.batch.popFirst() else { return nextInBackground() }
    return resume(fiber)
  }

  /// A fiber has become ready.
  @inline(never)
  func observeReady(_ fiber: FiberPointer) { pointee.measurement?.becameReady(fiber) }

  /// A fiber was made, and has its name.
  @inline(never)
  func observeSpawn(_ fiber: FiberPointer) { pointee.measurement?.spawned(fiber) }
}
