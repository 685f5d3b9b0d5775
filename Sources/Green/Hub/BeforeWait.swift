internal import CFiber
internal import CGlibc
internal import Glibc

/// Something that a fiber does just before it waits or gives way, whatever for: what it has gathered for somebody is not
/// to lie there meanwhile.
///
/// ```swift
/// let beforeWait = BeforeWait { sendGathered() }
/// gather(piece)
/// if !beforeWait.arm() { sendGathered() }
/// ```
///
/// A fiber without one pays nothing for it: a wait looks at one byte, whether anything is to end it, and this is a bit there.
package final class BeforeWait {
  private let action: () -> Void
  /// The number of the fiber that it was made in, 0 outside fibers.
  private let fiber = Hub.runningID

  /// - Parameter action: must not wait, nor keep what a wait of its own fiber could need: the fiber stands in the queue of
  ///   its waker already. It may wake others and spawn.
  package init(_ action: @escaping () -> Void) { self.action = action }

  /// Whether the calling fiber is the one that it is for.
  package var isMine: Bool { fiber != 0 && Hub.runningID == fiber }

  /// Has the action called when the calling fiber waits next: once, and not if it is disarmed before. A fiber has one of
  /// these at a time: that of another, which was armed before, is called now.
  ///
  /// - Returns: `false` on another fiber or thread than that on which this was made: then nothing has been done.
  package func arm() -> Bool {
    guard isMine, let (_, fiber) = Hub.running else { return false }
    if let other = fiber.record.pointee.beforeWait, !isSame(other) { fiber.callBeforeWait() }
    fiber.record.pointee.beforeWait = .passUnretained(self)
    fiber.record.pointee.interruptions.insert(.beforeWait)
    return true
  }

  /// Takes ``arm()`` back. To be called before this goes.
  package func disarm() {
    guard let (_, fiber) = Hub.running, let armed = fiber.record.pointee.beforeWait, isSame(armed) else { return }
    fiber.forgetBeforeWait()
  }

  private func isSame(_ other: Unmanaged<BeforeWait>) -> Bool {
    other.toOpaque() == Unmanaged.passUnretained(self).toOpaque()
  }

  fileprivate func call() { action() }
}

extension UnsafeMutablePointer where Pointee == cfiber_fiber {
  /// Calls what the fiber has to do before it waits, if there is something. errno stays: the code that waits may be C's.
  @inline(never)
  func callBeforeWait() {
    guard let armed = record.pointee.beforeWait else { return }
    forgetBeforeWait()
    let error = errno
    armed.takeUnretainedValue().call()
    errno = error
  }

  /// The fiber has nothing to do before it waits.
  func forgetBeforeWait() {
    record.pointee.beforeWait = nil
    record.pointee.interruptions.remove(.beforeWait)
  }
}
