import Glibc
import Green
import Synchronization
import SystemPackage

/// Threads that serve connections from a queue.
///
/// An idle connection keeps the thread that serves it only as long as no other connection waits for one; then it rests until
/// its client sends something. A request takes no lock that threads share: what others want to know of it, its connection
/// says by itself.
///
/// Unsafe: what changes while there are threads is guarded by `lock`, or atomic.
final class ThreadPool: @unchecked Sendable {
  let context: WorkerContext
  /// How many connections the threads can have at once. Set before there are threads.
  private(set) var capacity = 0
  private let lock = ThreadLock()
  private var queue: [ThreadConnection] = []
  private var serving: [ThreadConnection?] = []
  private var freeThreads = 0
  private let hasQueue = Atomic<Bool>(false)
  /// Where idle connections wait that have given up their threads.
  let resting: RestingList
  /// How long a connection may be idle.
  private let idleNanoseconds: Int64

  /// Throws what the system refuses.
  init(_ context: WorkerContext) throws(SystemCallError) {
    self.context = context
    let settings = context.configuration
    resting = try RestingList(most: max(0, settings.workerConnections - settings.threads))
    // Within what can be added to a time.
    idleNanoseconds = min(context.http.firstByteTime.wholeNanoseconds, 1 << 60)
  }

  /// Starts the threads. Throws what the system refuses.
  func start(threads count: Int) throws(SystemCallError) {
    serving = Array(repeating: nil, count: count)
    capacity = min(count, context.configuration.workerConnections)
    for index in 0..<count {
      let interrupt = try EventDescriptor()
      let start = Unmanaged.passRetained(Start(pool: self, index: index, interrupt: interrupt))
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { argument in
          if let argument {
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            start.pool.work(start.index, start.interrupt)
          }
          return nil
        }, start.toOpaque())
      guard status == 0 else {
        start.release()
        throw SystemCallError("pthread_create", Errno(rawValue: status))
      }
      pthread_detach(thread)
    }
  }

  private final class Start {
    let pool: ThreadPool
    let index: Int
    let interrupt: EventDescriptor
    init(pool: ThreadPool, index: Int, interrupt: EventDescriptor) {
      self.pool = pool
      self.index = index
      self.interrupt = interrupt
    }
  }

  private func work(_ index: Int, _ interrupt: EventDescriptor) {
    while true {
      let connection = lock.held {
        freeThreads += 1
        noteQueue()
        while queue.isEmpty { lock.wait() }
        freeThreads -= 1
        let connection = queue.removeFirst()
        noteQueue()
        serving[index] = connection
        connection.interrupt = interrupt
        return connection
      }
      context.slot.beat()
      let isStillSending = connection.serve()
      // Nobody ends a wait of this connection from here on.
      lock.held { serving[index] = nil }
      leave(connection, isStillSending: isStillSending)
      context.slot.beat()
    }
  }

  /// What becomes of a connection that its thread has left.
  private func leave(_ connection: ThreadConnection, isStillSending: Bool) {
    guard connection.leaveIdle() && context.slot.state != .draining else {
      return context.ended(connection, isStillSending: isStillSending)
    }
    resting.add(connection, until: Deadline(nanoseconds: connection.idleBegan + idleNanoseconds))
    context.leftPlace()
  }

  // MARK: The accepting thread

  /// Hands a connection, which has been counted, to the threads.
  func submit(_ connection: ThreadConnection) {
    lock.held {
      queue.append(connection)
      noteQueue()
      lock.wakeOne()
    }
    relieve()
  }

  /// Has a connection, which has been counted, rest until its client sends something. False where there is no room for it.
  func awaitFirstByte(of connection: ThreadConnection) -> Bool {
    guard resting.most > 0 else { return false }
    resting.add(connection, until: Deadline.after(context.http.firstByteTime))
    context.leftPlace()
    return true
  }

  /// Hands those that rested and have something to be read to the threads.
  func resume() {
    for connection in resting.takeReady() {
      context.slot.countResumed()
      submit(connection)
    }
  }

  /// Where connections wait for a thread, takes one from an idle connection. While the worker stops that ends the connection:
  /// its client is given the time that others are then.
  func relieve() {
    guard isPressed else { return }
    _ = endIdle(patience: context.slot.state == .draining ? IdleList.patienceOfStop : IdleList.patience)
  }

  /// Whether connections wait for a thread.
  var isPressed: Bool { hasQueue.load(ordering: .relaxed) }

  /// To be called when the queue or the free threads have changed, with the lock held.
  private func noteQueue() { hasQueue.store(queue.count > freeThreads, ordering: .relaxed) }

  /// Whether a thread could take a request, having no connection or an idle one, or waits for its client.
  var isAlive: Bool {
    lock.held {
      freeThreads > 0
        || serving.contains { connection in
          guard let connection else { return false }
          return connection.idleSince.load(ordering: .relaxed) != 0
            || connection.waitsForClient.load(ordering: .relaxed) > 0
        }
    }
  }

  /// The requests that threads run.
  var running: [WorkerOrder.Running] {
    lock.held { serving.compactMap { $0?.running.current } }.map { .init(line: $0.line, since: $0.since) }
  }

  /// Tells the scoreboard of the request that has been running for longest.
  func noteActivity() {
    let line = lock.held { serving.compactMap { $0?.running.current }.min { $0.since < $1.since }?.line }
    if let line { context.slot.activity = line }
  }

  /// Ends the wait of the connection that has been idle for longest, of those beyond their patience, or else of the one whose
  /// head has been coming for longest. False where there is none.
  func endIdle(patience: Int64) -> Bool { endRest(patience) || endSlowestHead() }

  private func endSlowestHead() -> Bool {
    lock.held {
      let now = monotonicNanoseconds()
      let slow = serving.compactMap { connection -> (connection: ThreadConnection, since: Int64)? in
        guard let connection else { return nil }
        let since = connection.headSince.load(ordering: .acquiring)
        return since > 0 && now - since >= IdleList.patienceWithNew ? (connection, since) : nil
      }
      return slow.sorted { $0.since < $1.since }.contains { $0.connection.endWaitForHead(since: $0.since) }
    }
  }

  private func endRest(_ patience: Int64) -> Bool {
    lock.held {
      let now = monotonicNanoseconds()
      let idle = serving.compactMap { connection -> (connection: ThreadConnection, since: Int64)? in
        guard let connection else { return nil }
        let since = connection.idleSince.load(ordering: .acquiring)
        return connection.isEvictable(since: since, at: now, patience: patience) ? (connection, since) : nil
      }
      // Of one whose request has come just now, the wait is over.
      return idle.sorted { $0.since < $1.since }.contains { $0.connection.endWait(since: $0.since) }
    }
  }

  /// Takes an interrupt back that came too late, or has done what it was for.
  func takeBack(_ interrupt: EventDescriptor?) { lock.held { interrupt?.clear() } }
}
