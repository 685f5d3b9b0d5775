import CProcess
import Glibc
import Green
import GreenHTTP
import Synchronization

/// A connection that is served by a thread of a pool.
final class ThreadConnection: WorkerConnection {
  private unowned let pool: ThreadPool
  /// What the handler that runs was asked, and since when; guarded by the pool's lock.
  var request: (line: String, since: Int64)?
  /// Whether its thread may be waiting for the client.
  let waitsForClient = Atomic<Bool>(false)

  init(_ socket: Socket, _ pool: ThreadPool) {
    self.pool = pool
    super.init(socket, pool.context)
  }

  override var closesNext: Bool { pool.shouldClose }
  override var stream: any ByteStream { ClientStream(of: self) }
  override func clientWaitBegan() { waitsForClient.store(true, ordering: .relaxed) }
  override func clientWaitEnded() { waitsForClient.store(false, ordering: .relaxed) }
  override func waits() {
    green_abort_note(nil, 0)
    pool.becameIdle(self)
  }
  override func becameBusy() { pool.becameBusy(self) }
  override func started(_ line: UnsafeRawBufferPointer) {
    green_abort_note(line.baseAddress, line.count)
    pool.started(self, String(decoding: line, as: UTF8.self))
  }

  /// Ends a wait for a request that another thread is in. What the client has sent already is still read: the kernel
  /// gives it out before the end.
  func endWait() { socket.shutdown(CInt(SHUT_RD)) }
}
