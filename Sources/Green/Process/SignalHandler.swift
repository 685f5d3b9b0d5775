internal import Glibc

/// A function that the hub runs on signals, in a new fiber each time: see ``Hub/onSignal(_:do:)``.
public final class SignalHandler {
  private let signals: Signals
  private var watcher: LoopWatcher?
  private unowned let hub: Hub

  fileprivate init(_ signals: Signals, on hub: Hub, _ body: @escaping (Signal) throws -> Void) {
    self.signals = signals
    self.hub = hub
    watcher = hub.loopWatchers.add(
      signals.descriptor,
      onReadable: { _ in
        while let signal = signals.take() {
          Fiber.spawn(name: "\(signal) handler") { try body(signal) }
        }
      }, onEnd: { signals.close() })
  }

  /// Ends it: the signals do again what they did before. Fibers that run the function go on.
  public func cancel() {
    guard let watcher else { return }
    self.watcher = nil
    guard signals.descriptor >= 0 else { return }
    hub.loopWatchers.remove(watcher)
    signals.close()
  }
}

extension Hub {
  /// Runs `body` in a new fiber whenever one of the signals comes, until the handler is cancelled or the hub ends.
  ///
  /// Unlike a fiber that loops over ``Signals``, it does not keep the hub running. An error that `body` throws is reported,
  /// as for any fiber whose value nobody asks for. A forked child does not have it.
  ///
  /// - Throws: ``SignalError`` when one of the signals cannot be watched.
  @discardableResult
  public func onSignal(_ signals: Signal..., do body: @escaping (Signal) throws -> Void) throws -> SignalHandler {
    SignalHandler(try Signals(signals), on: self, body)
  }
}
