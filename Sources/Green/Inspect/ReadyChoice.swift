internal import CFiber

/// Chooses which of the ready fibers runs next, where that is not the one that has been ready for longest: with a seeded
/// generator for it, a hub runs its fibers in another order for each seed, and in the same order for the same.
package final class ReadyChoice: ReadyOrder {
  /// The ready fibers of normal priority, in an order that depends on nothing but the schedule so far.
  private var ready: [FiberPointer] = []
  /// A number from 0 up to below what it is given.
  private let below: (Int) -> Int

  package init(below: @escaping (Int) -> Int) { self.below = below }

  var isEmpty: Bool { ready.isEmpty }

  func take(_ queue: inout FiberQueue) { while let fiber = queue.popFirst() { ready.append(fiber) } }

  func next() -> FiberPointer? {
    guard !ready.isEmpty else { return nil }
    let index = below(ready.count)
    ready.swapAt(index, ready.count - 1)
    return ready.removeLast()
  }

  func interrupts() -> Bool { below(4) == 0 }

  func removeAll() { ready = [] }
}
