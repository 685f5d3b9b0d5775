internal import CFiber

extension UnsafeMutablePointer where Pointee == HubState {
  /// As ``next()`` while somebody watches or chooses.
  @inline(never)
  func nextObserved() -> FiberPointer {
    if let choice = pointee.choice { return next(by: choice) }
    if pointee.batch.isEmpty { swap(&pointee.batch, &pointee.queue) }
    if isLoopsTurn() { return pointee.root }
    guard let fiber = pointee.batch.popFirst() else { return nextInBackground() }
    return resume(fiber)
  }

  func observeReady(_ fiber: FiberPointer) {}
}
