extension Settings {
  /// What the kernel is asked by for descriptors. See libev's manual, "FLAGS AND BACKENDS".
  ///
  /// Its experimental backends, on io_uring and Linux's AIO, are not offered: they end the process where another thread
  /// closes a descriptor just before it is waited for, in a part of libev that is closed to us.
  public enum Backend: String, CaseIterable, Sendable {
    /// The interface of that name.
    case epoll, poll, select
  }
}
