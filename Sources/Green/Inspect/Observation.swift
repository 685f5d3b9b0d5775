internal import CFiber

extension Hub {
  /// As ``next()`` while somebody watches or chooses.
  @inline(never)
  func nextObserved() -> FiberPointer {
    if state.pointee.batch.isEmpty { swap(&state.pointee.batch, &state.pointee.queue) }
    if isLoopsTurn() { return state.pointee.root }
    guard let fiber = state.pointee.batch.popFirst() else { return nextInBackground() }
    return resume(fiber)
  }

  func observeReady(_ fiber: FiberPointer) {}
}
