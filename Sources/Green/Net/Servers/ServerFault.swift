/// What went wrong in a server. But for ``ended(_:)``, it goes on.
public enum ServerFault: Error, CustomStringConvertible {
  /// A handler threw; `peer` is whom it served.
  case handler(any Error, peer: SocketAddress?)
  /// Nothing can be taken for the moment: descriptors, memory or stacks are short. What comes waits in the kernel; the
  /// server tries again when a handler has ended, and after 10 ms at first and each second at last. Told once until it
  /// goes on.
  case paused(any Error)
  /// Nothing can be taken any more, for a reason that does not pass, such as a listener that somebody closed. Told where a
  /// server was started and nobody waits in its `run()`, which throws the error else. What is being handled goes on.
  case ended(any Error)

  public var description: String {
    switch self {
    case .handler(let error, let peer): "a handler failed for \(peer?.description ?? "an unnamed peer"): \(error)"
    case .paused(let error): "the server cannot take what comes, and tries again until it can: \(error)"
    case .ended(let error): "the server takes nothing any more: \(error)"
    }
  }

  /// Says it on standard error: what a server does with its faults unless it is told otherwise.
  static func report(_ fault: ServerFault) { Report.message(LogText.message("\(fault)")) }
}
