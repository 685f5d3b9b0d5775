internal import CGlibc
internal import Glibc

extension DescriptorOwners {
  /// Closes a descriptor; every hub of the process hears of it, with or without the redirect. In a fiber, where the socket
  /// has `SO_LINGER`, a thread waits for it, and the fiber for that.
  static func close(_ descriptor: CInt) {
    let copy = Hub.running == nil ? -1 : cglibc_lingering_copy(descriptor)
    let wasWatched = closing(descriptor)
    if copy < 0 {
      _ = Glibc.close(descriptor)
    } else {
      bypassingRedirect { _ = Glibc.close(descriptor) }
    }
    closed(descriptor, wasWatched)
    if copy >= 0, NativeWaits.offloadDroppable({ _ = Glibc.close(copy) }, drop: {}).isRefusal { _ = Glibc.close(copy) }
  }
}

extension CInt {
  /// Whether an offloaded call has not been taken, for want of a thread, rather than only not been waited for.
  fileprivate var isRefusal: Bool { self != 0 && self != ECANCELED && self != ETIMEDOUT }
}
