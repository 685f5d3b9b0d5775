import CProcess
import Green
import GreenHTTP
import Logging
import SystemPackage

/// Serves connections with a pool of threads; the process's first thread only takes them.
///
/// The worker beats as long as a thread is free to take a request or waits for its client, and when one takes or
/// finishes a request: it is killed when the handlers of every thread have been busy with one request for `--timeout`.
final class ThreadEngine: WorkerEngine {
  private let context: WorkerContext
  private let pool: ThreadPool

  /// Throws what the system refuses.
  init(_ context: WorkerContext) throws(SystemCallError) {
    self.context = context
    pool = try ThreadPool(context)
  }

  var capacity: Int { pool.capacity }
  var takesSeveral: Bool { false }

  func start() throws {
    do throws(SystemCallError) {
      try pool.start(threads: context.configuration.threads)
    } catch {
      throw WorkerEnd.cannotStart("it can start no more threads: \(error)")
    }
    // A worker that hangs does so in the others, and whoever gets the signal tells its own calls.
    cprocess_abort_leave_to_others()
  }

  func serve(_ socket: Socket) {
    let connection = ThreadConnection(socket, pool)
    // A handshake keeps a thread until it has been made; one that does not begin keeps none.
    if context.opening != nil && pool.awaitFirstByte(of: connection) { return }
    pool.submit(connection)
  }
  func endIdle(patience: Int64) -> Bool { pool.endIdle(patience: patience) }

  var watched: CInt { pool.resting.descriptor }
  var attention: Deadline { pool.isPressed ? .after(.milliseconds(20)) : .never }
  func attend() {
    pool.resume()
    pool.relieve()
  }
  var hasResting: Bool { !pool.resting.isEmpty }
  func endResting() { pool.resting.closeSilent() }

  func give(_ notices: [StopNotice]) {
    if notices.isEmpty { return }
    do throws(Errno) {
      try NoticeThread.start(notices)
    } catch {
      context.logger.warning("Connections that speak another protocol are not told of the stop: no thread: \(error)")
    }
  }

  var isAlive: Bool { pool.isAlive }
  func noteActivity() { pool.noteActivity() }
  func obey(_ order: WorkerOrder) { order.answer(running: pool.running) }
}
