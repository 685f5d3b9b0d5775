import CProcess
import GreenHTTP

/// A connection that is served by the worker's only thread.
final class SyncConnection: WorkerConnection {
  override var closesNext: Bool { true }
  override var stream: any ByteStream { ClientStream(of: self) }
  override func clientWaitBegan() { context.slot.waitsForClient = true }
  override func clientWaitEnded() {
    // The handler's time begins now, and not with the wait for the request.
    context.slot.beat()
    context.slot.waitsForClient = false
  }
  override func started(_ line: UnsafeRawBufferPointer) {
    cprocess_score_set_activity(context.slot.pointer, line.baseAddress, line.count)
  }
}
