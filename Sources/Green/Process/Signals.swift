internal import CGlibc
internal import CSignals
internal import Glibc
internal import SystemPackage

/// Signals that come to this process, to be waited for in blocking style.
///
/// ```swift
/// for signal in try Signals(.terminate, .hangup) {
///   if signal == .terminate { break }
///   reload()
/// }
/// ```
///
/// The signals are caught from the moment the object is made, so that none is missed between two waits; what was to
/// happen on them before (`SIG_DFL` mostly) does not happen. When the object is closed or goes away, the earlier
/// disposition is in force again. Any number of objects, on any threads, may watch the same signal: each gets it.
///
/// Every signal that the kernel delivers is given out once. The kernel itself delivers a burst of the same signal, sent
/// before the process had a chance to take the first, as one: `signal(7)`. Several that are waiting come in turn.
///
/// In a forked child an object of the parent's is closed, and the earlier dispositions are in force: make a new one. The
/// object costs one descriptor, and is used on one thread.
public final class Signals: Sequence, IteratorProtocol {
  private let signals: Set<Signal>
  private var watcher: OpaquePointer?
  /// Readable when a signal has come.
  package private(set) var descriptor: CInt = -1
  private let generation = ForkHandler.generation

  /// Watches the signals, and unblocks them for the calling thread.
  ///
  /// - Throws: ``SignalError`` when that cannot be done: then the signals do what they did before, which for most is to end
  ///   the process.
  public convenience init(_ signals: Signal...) throws(SignalError) { try self.init(signals) }

  /// As ``init(_:)``, for signals that are not known beforehand.
  public init(_ signals: some Sequence<Signal>) throws(SignalError) {
    self.signals = Set(signals)
    try watch()
  }

  deinit { close() }

  private func watch() throws(SignalError) {
    if let odd = signals.first(where: { !$0.canBeWatched }) { throw .cannotBeWatched(odd) }
    descriptor = cglibc_event_descriptor()
    guard descriptor >= 0 else { throw .failed(Errno(rawValue: errno)) }
    DescriptorOwners.opened(descriptor)
    let bits = signals.reduce(0 as UInt64) { $0 | 1 << UInt64($1.rawValue - 1) }
    watcher = csignals_watch(bits, descriptor)
    if watcher == nil {
      let error = Errno(rawValue: errno)
      close()
      throw .failed(error)
    }
  }

  /// Waits for the next of the signals. Parks until it comes; on a plain thread, blocks.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `Errno.badFileDescriptor` when the object is closed, meanwhile or in a
  ///   forked child.
  public func next(until deadline: Deadline) throws -> Signal {
    while true {
      if let signal = take() {
        Hub.spend()
        return signal
      }
      guard isOpen else { throw Errno.badFileDescriptor }
      try Readiness.wait(for: descriptor, .read, until: deadline, told: WaitReason(.signal))
    }
  }

  /// Waits for the next of the signals, as ``next(until:)`` without a deadline. `nil` ends a loop over the object: when it
  /// is closed or the fiber is cancelled.
  public func next() -> Signal? { try? next(until: .never) }

  /// A signal that has come already, `nil` when there is none. Does not park.
  package func take() -> Signal? {
    guard isOpen, let watcher else { return nil }
    let number = csignals_take(watcher)
    return number == 0 ? nil : Signal(rawValue: number)
  }

  private var isOpen: Bool { watcher != nil && generation == ForkHandler.generation }

  /// Ends the watch: the earlier dispositions are in force again, and what waits for the object fails with
  /// `Errno.badFileDescriptor`. Signals that have come and were not taken are lost. Closing twice does nothing.
  public func close() {
    if let open = watcher {
      watcher = nil
      csignals_release(open)
    }
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
  }
}
