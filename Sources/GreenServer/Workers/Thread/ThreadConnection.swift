import CProcess
import Glibc
import Green
import GreenHTTP
import Synchronization

/// A connection that is served by a thread of a pool. What the thread that accepts wants to know of it, it says without a
/// lock.
final class ThreadConnection: WorkerConnection {
  private unowned let pool: ThreadPool
  /// The handler that runs.
  let running = RunningRequest()
  /// Since when it has waited for a request, in nanoseconds of `CLOCK_MONOTONIC`; 0 when it does not, -1 when that wait is
  /// being ended.
  let idleSince = Atomic<Int64>(0)
  /// The same, kept when that wait is ended.
  private(set) var idleBegan: Int64 = 0
  /// Since when it has waited for the rest of a head; as `idleSince`.
  let headSince = Atomic<Int64>(0)
  /// Whether it has made a request. Apart from the count, which is its own thread's.
  private let hasAsked = Atomic<Bool>(false)
  /// How many threads may be waiting for the client: its own, and where it speaks another protocol those that send
  /// meanwhile.
  let waitsForClient = Atomic<Int>(0)
  /// What ends its thread's wait for a request. Set before it is served.
  var interrupt: EventDescriptor?

  init(_ socket: Socket, _ pool: ThreadPool) {
    self.pool = pool
    super.init(socket, pool.context)
  }

  override var closesNext: Bool { context.closesConnections || pool.isPressed }
  override var stream: any ByteStream { ClientStream(of: self) }
  override func clientWaitBegan() { waitsForClient.add(1, ordering: .relaxed) }
  override func clientWaitEnded() { waitsForClient.subtract(1, ordering: .relaxed) }

  override func waits() {
    let now = monotonicNanoseconds()
    context.slot.heartbeat = now
    cprocess_abort_note(nil, 0)
    running.ended()
    idleBegan = now
    socket.receiveInterrupt = interrupt?.descriptor ?? -1
    idleSince.store(now, ordering: .releasing)
  }

  override func becameBusy() {
    // A request may have come just as the connection was about to give up its thread: it is served whole.
    leaveIdle()
  }

  override func awaitsRestOfHead() {
    socket.receiveInterrupt = interrupt?.descriptor ?? -1
    headSince.store(monotonicNanoseconds(), ordering: .releasing)
  }

  override func endsWaitForHead() {
    socket.receiveInterrupt = -1
    guard headSince.exchange(0, ordering: .acquiringAndReleasing) < 0 else { return }
    pool.takeBack(interrupt)
    socket.resumeReceive()
  }

  override func started(_ request: Request, _ line: UnsafeRawBufferPointer) {
    let now = monotonicNanoseconds()
    context.slot.heartbeat = now
    hasAsked.store(true, ordering: .relaxed)
    cprocess_abort_note(line.baseAddress, line.count)
    running.began(line, at: now)
  }

  /// The thread does not wait for a request any more. Who has just ended that wait has done so when this returns.
  ///
  /// - Returns: whether that wait was ended so.
  @discardableResult
  func leaveIdle() -> Bool {
    socket.receiveInterrupt = -1
    guard idleSince.exchange(0, ordering: .acquiringAndReleasing) < 0 else { return false }
    pool.takeBack(interrupt)
    socket.resumeReceive()
    return true
  }

  /// How long it may keep its thread while it is idle and others wait: as in ``IdleList``.
  func isEvictable(since: Int64, at now: Int64, patience served: Int64) -> Bool {
    since > 0 && now - since >= (hasAsked.load(ordering: .relaxed) ? served : IdleList.patienceWithNew)
  }

  /// Ends the wait for a request that another thread is in, unless it is over. What the client has sent already is still
  /// read. With the pool's lock held.
  func endWait(since: Int64) -> Bool { end(idleSince, since) }

  /// The same for the wait for the rest of a head.
  func endWaitForHead(since: Int64) -> Bool { end(headSince, since) }

  private func end(_ wait: borrowing Atomic<Int64>, _ since: Int64) -> Bool {
    guard wait.compareExchange(expected: since, desired: -1, ordering: .acquiringAndReleasing).exchanged else {
      return false
    }
    interrupt?.set()
    return true
  }
}
