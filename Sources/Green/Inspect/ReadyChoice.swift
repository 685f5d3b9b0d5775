internal import CFiber

/// Chooses which of the ready fibers runs next, where that is not the one that has been ready for longest: with a seeded
/// generator behind it, a hub runs its fibers in another order for each seed, and in the same order for the same.
package final class ReadyChoice {
  /// The ready fibers of normal priority, in an order that depends on nothing but the schedule so far.
  private var ready: [FiberPointer] = []
  /// A number from 0 up to below what it is given.
  private let below: (Int) -> Int

  package init(below: @escaping (Int) -> Int) { self.below = below }

  var isEmpty: Bool { ready.isEmpty }

  fileprivate func take(_ queue: inout FiberQueue) { while let fiber = queue.popFirst() { ready.append(fiber) } }

  fileprivate func next() -> FiberPointer? {
    guard !ready.isEmpty else { return nil }
    let index = below(ready.count)
    ready.swapAt(index, ready.count - 1)
    return ready.removeLast()
  }

  /// Whether a fiber that could go on is to give way.
  fileprivate func interrupts() -> Bool { below(4) == 0 }

  func removeAll() { ready = [] }
}

extension UnsafeMutablePointer where Pointee == HubState {
  /// From now on `choice` says who is next.
  func setChoice(_ choice: ReadyChoice) {
    pointee.choice = choice
    observe(.choice)
    askAtNextSpend()
  }

  func next(by choice: ReadyChoice) -> FiberPointer {
    choice.take(&pointee.batch)
    choice.take(&pointee.queue)
    if isLoopsTurn() { return pointee.root }
    guard let fiber = choice.next() else { return nextInBackground() }
    return resume(fiber)
  }

  /// A call that did not have to wait. Its fiber may be interrupted at each of these, not just at every 64th: what goes
  /// wrong when others come between two such calls is to be found.
  func spend(_ fiber: FiberPointer, _ choice: ReadyChoice) {
    askAtNextSpend()
    if choice.interrupts() { yield(fiber) }
  }

  private func askAtNextSpend() { pointee.spent = .max }
}
