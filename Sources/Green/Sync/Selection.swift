internal import CParking
internal import Synchronization

/// What the cases of one selection share: the first to be answered takes it, and the others are passed over.
@usableFromInline
struct Selection {
  /// The tag of the case that was answered, counted from 1; 0 before. Only by the atomic operations below.
  private var winner: UInt32 = 0
  /// Whoever waits for it.
  let main: WaiterPointer

  init(main: WaiterPointer) { self.main = main }
}

extension UnsafeMutablePointer where Pointee == Selection {
  private var winner: UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }

  /// Answers a case, unless one has been answered. Called by those who pop a waiter, with its list's lock held: the
  /// selection stands still at least until it has been able to take that lock.
  func claim(_ tag: Int) -> Bool { cparking_compare_exchange(winner, 0, UInt32(truncatingIfNeeded: tag) + 1) }

  fileprivate var answered: Int? {
    let tag = cparking_load32(winner)
    return tag == 0 ? nil : Int(tag) - 1
  }
}

extension Selection {
  /// Waits until one of the choices is possible, and begins it: the outcome says what is left to be done.
  @usableFromInline
  static func choose(_ choices: [Choice]) throws -> (Int, Choice.Outcome) {
    var (deadline, atDeadline) = (Deadline.never, -1)
    var otherwise = -1
    for (index, choice) in choices.enumerated() {
      let end: Deadline
      switch choice.source {
      case .otherwise:
        otherwise = index
        continue
      case .timeout(let duration): end = .after(duration)
      case .deadline(let time): end = time
      default: continue
      }
      if atDeadline < 0 || end < deadline { (deadline, atDeadline) = (end, index) }
    }
    // Nothing was possible at once, or until the deadline, and there is a choice for that.
    return try run(choices, until: deadline, mayWait: otherwise < 0) ?? (otherwise < 0 ? atDeadline : otherwise, .idle)
  }

  /// - Returns: `nil` when nothing was possible and it may not wait, or not until the deadline.
  static func run(_ choices: [Choice], until deadline: Deadline, mayWait: Bool) throws -> (Int, Choice.Outcome)? {
    try withUnsafeTemporaryAllocation(of: SyncLock.self, capacity: choices.count) { locks in
      // All locks are held, in the order of their addresses, from the first look to the last place in a list: so nobody
      // can answer one case while another is still being tried.
      let count = collectLocks(of: choices, locks)
      for index in 0..<count { locks[index].acquire() }
      if let (chosen, outcome) = attempt(choices) {
        // The second half of what is begun with a buffer gives back the channel's lock.
        let kept = isUnderLock(outcome) ? choices[chosen].lock : nil
        for index in 0..<count where locks[index] != kept { locks[index].release() }
        if case .idle = outcome { Hub.spend() }
        return (chosen, outcome)
      }
      guard mayWait else {
        for index in 0..<count { locks[index].release() }
        return nil
      }
      return try withUnsafeTemporaryAllocation(of: Waiter.self, capacity: choices.count + 1) { waiters in
        let main = waiters.baseAddress! + choices.count
        main.initialize(to: Waiter())
        main.prepare()
        var selection = Selection(main: main)
        // Unsafe: the lists hold pointers into this frame, which stands still until the waiters have been taken out.
        return try withUnsafeMutablePointer(to: &selection) { selection in
          for (tag, choice) in choices.enumerated() {
            let waiter = waiters.baseAddress! + tag
            waiter.initialize(to: Waiter(tag: tag))
            waiter.pointee.selection = selection
            choice.enqueue(waiter)
          }
          for index in 0..<count { locks[index].release() }
          return try wait(choices, waiters.baseAddress!, selection, until: deadline)
        }
      }
    }
  }

  /// The locks of the choices, each once, sorted.
  private static func collectLocks(of choices: [Choice], _ locks: UnsafeMutableBufferPointer<SyncLock>) -> Int {
    var count = 0
    for choice in choices {
      guard let lock = choice.lock else { continue }
      var index = count
      while index > 0 && locks[index - 1] > lock { index -= 1 }
      if index > 0 && locks[index - 1] == lock { continue }
      for moved in stride(from: count, to: index, by: -1) { locks[moved] = locks[moved - 1] }
      locks[index] = lock
      count += 1
    }
    return count
  }

  private static func isUnderLock(_ outcome: Choice.Outcome) -> Bool {
    guard case .atOnce(let step) = outcome else { return false }
    return step.kind == .buffer || step.kind == .growth
  }

  /// Begins one of the choices that are possible at once, at random.
  private static func attempt(_ choices: [Choice]) -> (Int, Choice.Outcome)? {
    let start = choices.count > 1 ? Int(random() % UInt64(choices.count)) : 0
    for offset in 0..<choices.count {
      var index = start + offset
      if index >= choices.count { index -= choices.count }
      if let outcome = choices[index].attempt() { return (index, outcome) }
    }
    return nil
  }

  private static func wait(
    _ choices: [Choice], _ waiters: WaiterPointer, _ selection: UnsafeMutablePointer<Selection>,
    until deadline: Deadline
  ) throws -> (Int, Choice.Outcome)? {
    let main = selection.pointee.main
    let reason = WaitReason(.selection, at: UnsafeRawPointer(selection))
    let wake = main.sleep(until: deadline, for: reason)
    for (tag, choice) in choices.enumerated() { choice.dequeue(waiters + tag) }
    // No case is in a list any more: what is not answered by now will not be.
    let winner = selection.answered
    if winner != nil && wake != .ready { main.sleepOn(reason) }
    for (tag, choice) in choices.enumerated() where tag != winner {
      _ = waiters[tag].slot.flatMap { choice.place?($0) }
    }
    if let winner { return (winner, .answered(waiters[winner].slot, isClosed: waiters[winner].isRefused)) }
    main.forget()
    if wake != .deadline { try wake.check() }
    return nil
  }

  /// On a hub the numbers are the same in each run.
  private static func random() -> UInt64 {
    let count: UInt64
    if let (hub, _) = Hub.running {
      hub.pointee.selections &+= 1
      count = hub.pointee.selections
    } else {
      count = selectionsOnThreads.add(1, ordering: .relaxed).newValue
    }
    return Chance.mixed(count)
  }
}

private let selectionsOnThreads = Atomic<UInt64>(0)
