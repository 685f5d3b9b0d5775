internal import CFiber

// Cancelling that is taken back: what ends is a part of what the fiber does, and not the fiber.

extension AnyFiber {
  /// Every wait that the fiber is in or begins from now on throws `CancellationError`, as after ``cancel(cause:)``, until
  /// ``takeBackCallOff()``. It counts. On the hub's thread.
  package final func callOff() {
    guard pointer != nil else { return }
    let kept = remains ?? Remains()
    kept.callsOff += 1
    remains = kept
    endWaits()
  }

  /// Once for each ``callOff()``. A fiber that was cancelled meanwhile stays so.
  package final func takeBackCallOff() {
    guard let pointer, let remains, remains.callsOff > 0 else { return }
    remains.callsOff -= 1
    if !pointer.isToEndNow { pointer.setPending(pointer.record.pointee.pending.subtracting(.cancelled)) }
  }

  /// The fiber has just become cancelled.
  final func endWaits() {
    guard let pointer, pointer.record.pointee.heldBack == 0 else { return }
    pointer.setPending(pointer.record.pointee.pending.union(.cancelled))
    if pointer.record.pointee.shields == 0 { pointer.record.pointee.hub.ready(pointer, .cancelled) }
  }
}
