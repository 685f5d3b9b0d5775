import CProcess
import Glibc
import Green
import Logging

/// Threads that serve connections from a queue.
///
/// An idle connection keeps the thread that serves it only as long as no other connection waits for one.
///
/// Unsafe: what changes while there are threads is guarded by `lock`.
final class ThreadPool: @unchecked Sendable {
  let context: WorkerContext
  /// Readable when a connection has ended.
  let roomDescriptor: CInt
  /// How many connections the threads can have at once. Set before there are threads.
  private(set) var capacity = 0
  private let lock = ThreadLock()
  private var queue: [ThreadConnection] = []
  private var serving: [ThreadConnection?] = []
  private var freeThreads = 0
  private var idle = IdleList()
  private var isDraining = false
  private var wantsRoom = false

  /// Where connections go whose clients may still be sending.
  private let lingering: LingerList

  init(_ context: WorkerContext, roomDescriptor: CInt, lingering: LingerList) {
    self.context = context
    self.roomDescriptor = roomDescriptor
    self.lingering = lingering
  }

  /// Starts the threads; false when the system refuses one.
  func start(threads count: Int) -> Bool {
    serving = Array(repeating: nil, count: count)
    capacity = min(count, context.configuration.workerConnections)
    for index in 0..<count {
      let start = Unmanaged.passRetained(Start(pool: self, index: index))
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { argument in
          if let argument {
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            start.pool.work(start.index)
          }
          return nil
        }, start.toOpaque())
      guard status == 0 else {
        start.release()
        return false
      }
      pthread_detach(thread)
    }
    return true
  }

  private final class Start {
    let pool: ThreadPool
    let index: Int
    init(pool: ThreadPool, index: Int) {
      self.pool = pool
      self.index = index
    }
  }

  private func work(_ index: Int) {
    while true {
      let connection = lock.held {
        freeThreads += 1
        while queue.isEmpty { lock.wait() }
        freeThreads -= 1
        let connection = queue.removeFirst()
        serving[index] = connection
        return connection
      }
      context.slot.beat()
      let isStillSending = connection.serve()
      lock.held {
        serving[index] = nil
        idle.remove(connection)
        if isStillSending { lingering.add(connection.socket) } else { connection.socket.close() }
        closed()
      }
      context.slot.beat()
    }
  }

  // MARK: The accepting thread

  /// Hands a connection to the threads.
  func submit(_ connection: ThreadConnection) {
    context.slot.countOpened()
    lock.held {
      queue.append(connection)
      noteFree()
      lock.wakeOne()
    }
    relieve()
  }

  /// Where connections wait for a thread, takes one from an idle connection.
  func relieve() {
    if isPressed { endIdle() }
  }

  /// Ends the longest idle connection, if one has been idle for long enough.
  func endIdle() {
    lock.held {
      guard let connection = idle.removeEvictable(at: monotonicNanoseconds()) else { return }
      (connection as? ThreadConnection)?.endWait()
    }
  }

  /// Whether a connection waits in the kernel for which there is no room: those that are answered are asked to close.
  var isRoomWanted: Bool {
    get { lock.held { wantsRoom } }
    set { lock.held { wantsRoom = newValue } }
  }

  /// Whether connections wait for a thread.
  var isPressed: Bool { lock.held { queue.count > freeThreads } }

  /// Whether a thread could take a request, having no connection or an idle one, or waits for its client.
  var isAlive: Bool {
    lock.held {
      freeThreads > 0 || !idle.isEmpty || serving.contains { $0?.waitsForClient.load(ordering: .relaxed) == true }
    }
  }

  /// Tells the scoreboard of the request that has been running for longest.
  func noteActivity() {
    let line = lock.held { serving.compactMap { $0?.request }.min { $0.since < $1.since }?.line }
    if let line { context.slot.activity = line }
  }

  func clearRoom() {
    var count: UInt64 = 0
    _ = read(roomDescriptor, &count, 8)
  }

  /// From now on every answer is its connection's last.
  func drain() { lock.held { isDraining = true } }

  /// Ends the connections that have been idle for as long as one is given when the worker stops.
  func endAllIdle() {
    lock.held {
      while let connection = idle.removeEvictable(at: monotonicNanoseconds(), patience: IdleList.patienceOfStop) {
        (connection as? ThreadConnection)?.endWait()
      }
    }
  }

  private func closed() {
    context.slot.countClosed()
    noteFree()
    var one: UInt64 = 1
    _ = write(roomDescriptor, &one, 8)
  }

  private func noteFree() { context.slot.isFree = !isDraining && context.slot.open < capacity }

  // MARK: The serving threads

  var shouldClose: Bool { lock.held { isDraining || wantsRoom || queue.count > freeThreads } }

  func started(_ connection: ThreadConnection, _ line: String) {
    let now = monotonicNanoseconds()
    context.slot.heartbeat = now
    lock.held { connection.request = (line, now) }
  }

  func becameIdle(_ connection: ThreadConnection) {
    let now = monotonicNanoseconds()
    context.slot.heartbeat = now
    lock.held {
      connection.request = nil
      idle.append(connection, at: now)
    }
  }

  func becameBusy(_ connection: ThreadConnection) { lock.held { idle.remove(connection) } }
}
