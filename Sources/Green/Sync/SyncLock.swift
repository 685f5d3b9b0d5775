internal import CFiber
internal import CParking

/// What guards a ``WaitList`` and the state that goes with it.
protocol WaitLock {
  func acquire()
  func release()
}

/// The lock around an object's state and its ``WaitList``: held for a few instructions, never over a wait, nor while
/// code that is not this module's runs.
typealias SyncLock = UnsafeMutablePointer<UInt32>

extension UnsafeMutablePointer: WaitLock where Pointee == UInt32 {
  @inline(__always)
  func acquire() {
    // The Swift runtime may take locks of its own for generic code, and with the redirect a fiber parks in them: not now.
    if let fiber = cfiber_current() { fiber.pointee.bypass &+= 1 }
    cparking_lock(self)
  }

  @inline(__always)
  func release() {
    cparking_unlock(self)
    if let fiber = cfiber_current() { fiber.pointee.bypass &-= 1 }
  }
}
