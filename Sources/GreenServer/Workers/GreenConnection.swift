import CFiber
import Green

/// A connection that is served by a fiber.
final class GreenConnection: WorkerConnection {
  /// Unsafe: the worker lives as long as the process.
  private unowned(unsafe) let worker: GreenWorker

  init(_ socket: Socket, _ worker: GreenWorker) {
    self.worker = worker
    super.init(socket, worker.context)
  }

  override var closesNext: Bool { worker.shouldClose }
  override func waits() { worker.becameIdle(self) }
  override func becameBusy() { worker.becameBusy(self) }

  /// The fiber is named for what it does: dumps show it, and the log line of a worker that hangs.
  override func started(_ line: UnsafeRawBufferPointer) {
    guard let fiber = green_current(), let bytes = line.baseAddress else { return }
    green_fiber_set_name(fiber, bytes.assumingMemoryBound(to: CChar.self), line.count)
  }
}
