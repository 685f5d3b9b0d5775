import CProcess
import Green
import GreenHTTP
import Synchronization

/// A connection that is served by the worker's only thread.
final class SyncConnection: WorkerConnection {
  /// Whether its head has taken too long: what has come of it is looked at, and no more.
  private let isLate: Bool
  /// Readable when others wait for the thread.
  private let others: CInt

  init(_ socket: Socket, _ context: WorkerContext, others: CInt, isLate: Bool = false) {
    self.isLate = isLate
    self.others = others
    super.init(socket, context)
  }

  /// How long the thread waits for a client in spite of others, in a handshake of TLS, and for a request after it: what else is
  /// waited for does not keep the thread.
  private static let patience = Duration.milliseconds(700)

  override func waits() { givesWay() }
  override func becameBusy() { endsWaitForHead() }
  override func awaitsRestOfHead() { givesWay() }
  override func endsWaitForHead() {
    socket.receiveInterrupt = -1
    socket.resumeReceive()
  }

  private func givesWay() {
    socket.receiveInterrupt = others
    socket.receiveInterruptTime = .after(Self.patience)
  }

  override var http: HTTPConfiguration {
    var http = context.http
    if isLate { http.limits.headDeadline = .zero }
    return http
  }

  override var closesNext: Bool { true }
  override var stream: any ByteStream { ClientStream(of: self) }
  /// How many threads wait for the client: where the connection speaks another protocol, tasks send meanwhile.
  private let waiting = Atomic<Int>(0)
  override func clientWaitBegan() {
    waiting.add(1, ordering: .relaxed)
    context.slot.waitsForClient = true
  }
  override func clientWaitEnded() {
    // The handler's time begins now, and not with the wait for the request.
    context.slot.beat()
    waiting.subtract(1, ordering: .relaxed)
    context.slot.waitsForClient = waiting.load(ordering: .relaxed) > 0
  }
  override func started(_ request: Request, _ line: UnsafeRawBufferPointer) {
    cprocess_score_set_activity(context.slot.pointer, line.baseAddress, line.count)
  }
}
