import CFiber
import Green

/// A connection that is served by a fiber.
final class GreenConnection: WorkerConnection {
  /// Unsafe: unmanaged, to cost no reference counting. The worker lives as long as the process.
  private let worker: Unmanaged<GreenWorker>

  init(_ socket: Socket, _ worker: GreenWorker) {
    self.worker = .passUnretained(worker)
    super.init(socket, worker.context)
  }

  override var closesNext: Bool { worker._withUnsafeGuaranteedRef { $0.shouldClose } }
  override func waits() { worker._withUnsafeGuaranteedRef { $0.becameIdle(self) } }
  override func becameBusy() { worker._withUnsafeGuaranteedRef { $0.becameBusy(self) } }

  /// The fiber is named for what it does: dumps show it, and the log line of a worker that hangs.
  override func started(_ line: UnsafeRawBufferPointer) {
    guard let fiber = green_current(), let bytes = line.baseAddress else { return }
    green_fiber_set_name(fiber, bytes.assumingMemoryBound(to: CChar.self), line.count)
  }
}
