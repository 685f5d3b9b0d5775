import CProcess
import Glibc
import Green
import GreenHTTP
import Logging

/// Serves one connection at a time, one request each, on the process's only thread.
///
/// The worker beats between two connections, and lives while it waits for a client: a handler that takes longer than
/// `--timeout` costs it its life.
final class SyncWorker {
  private let context: WorkerContext
  private let poller: ListenerPoller
  private var stop: StopRequest?

  init(_ context: WorkerContext) {
    self.context = context
    poller = ListenerPoller(context)
  }

  func run(onStart: [@Sendable () throws -> Void]) -> Never {
    context.prepare(onStart)
    context.reportReady()
    while stop == nil {
      context.slot.beat()
      let ready = poller.wait(milliseconds: context.beatMilliseconds)
      stop = poller.stopRequest()
      guard stop == nil else { break }
      for listener in ready {
        // A sibling that has had less goes first; then it is whose it is.
        if context.yieldsTurn() { poller.leaveTurn() }
        if let socket = context.accept(listener) { serve(socket) }
        context.slot.beat()
      }
    }
    if stop == .drain { drain() }
    context.leave(status: 0, isQuick: stop == .quick)
  }

  /// The whole server stops: what has been connected so far is still answered.
  private func drain() {
    context.slot.state = .draining
    let deadline = Deadline.after(context.configuration.gracefulTimeout)
    context.stopDeadline = deadline
    guard context.isWholeServerStopping() else { return poller.finishLingering(until: deadline) }
    for listener in poller.listeners {
      var left = context.queued(at: listener)
      while left > 0, !deadline.hasPassed, let socket = context.accept(listener) {
        left -= 1
        context.slot.beat()
        serve(socket)
      }
      listener.close()
    }
    poller.finishLingering(until: deadline)
  }

  private func serve(_ socket: Socket) {
    context.slot.isFree = false
    context.slot.countOpened()
    // The handler does not come back here to read the pipe.
    green_signals_quick(1)
    let isStillSending = SyncConnection(socket, context).serve()
    green_signals_quick(0)
    if isStillSending { poller.lingering.add(socket) } else { socket.close() }
    context.slot.activity = ""
    context.slot.countClosed()
    context.slot.isFree = true
  }
}

private final class SyncConnection: WorkerConnection {
  override var closesNext: Bool { true }
  override var stream: any ByteStream { ClientStream(of: self) }
  override func clientWaitBegan() { context.slot.waitsForClient = true }
  override func clientWaitEnded() {
    // The handler's time begins now, and not with the wait for the request.
    context.slot.beat()
    context.slot.waitsForClient = false
  }
  override func started(_ line: UnsafeRawBufferPointer) {
    green_score_set_activity(context.slot.pointer, line.baseAddress, line.count)
  }
}
