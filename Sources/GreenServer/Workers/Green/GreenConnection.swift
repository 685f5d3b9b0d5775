import CFiber
import Green
import GreenHTTP

/// A connection that is served by a fiber.
class GreenConnection: WorkerConnection {
  /// Unsafe: unmanaged, to cost no reference counting. The engine lives as long as the process.
  private let engine: Unmanaged<GreenEngine>

  init(_ socket: Socket, _ engine: GreenEngine, _ context: WorkerContext) {
    self.engine = .passUnretained(engine)
    super.init(socket, context)
  }

  override func waits() { engine._withUnsafeGuaranteedRef { $0.becameIdle(self) } }
  override func awaitsRestOfHead() { engine._withUnsafeGuaranteedRef { $0.awaitsRestOfHead(self) } }
  override func endsWaitForHead() { engine._withUnsafeGuaranteedRef { $0.endsWaitForHead(self) } }
  override func becameBusy() { engine._withUnsafeGuaranteedRef { $0.becameBusy(self) } }

  /// The fiber is named for what it does: dumps show it, and the log line of a worker that hangs.
  override func started(_ request: Request, _ line: UnsafeRawBufferPointer) {
    guard let fiber = cfiber_current(), let bytes = line.baseAddress else { return }
    cfiber_set_name(fiber, bytes.assumingMemoryBound(to: CChar.self), line.count)
  }
}
