extension Settings {
  /// What the kernel is asked by for descriptors. See libev's manual, "FLAGS AND BACKENDS".
  ///
  /// Its experimental backends, on io_uring and Linux's AIO, are not offered: they end the process where another thread
  /// closes a descriptor just before it is waited for, in a part of libev that is closed to us.
  public enum Backend: String, CaseIterable, Sendable {
    /// The interface of that name. Linux has no kqueue, and the BSDs and macOS no epoll: where the one that is asked for is
    /// not there, that is said, and libev's choice is used.
    case epoll, poll, select, kqueue

    #if os(Linux)
      static let usual = Backend.epoll
    #else
      static let usual = Backend.kqueue
    #endif
  }
}
