/// Where a channel's sockets and its timer are waited for: the hub's loop, or a thread that blocks.
protocol DNSLoop: AnyObject {
  /// Called when a descriptor is ready or the timer has fired; a descriptor that is not ready is -1.
  var process: ((_ readable: CInt, _ writable: CInt) -> Void)? { get set }

  /// Waits for the descriptor in these directions from now on; in none: forgets it.
  func watch(_ descriptor: CInt, readable: Bool, writable: Bool)
  /// The one timer. `.never` stops it.
  func setTimer(_ deadline: Deadline)
  /// Forgets everything.
  func stop()
}
