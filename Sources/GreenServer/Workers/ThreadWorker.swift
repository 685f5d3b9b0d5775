import CProcess
import Glibc
import Green
import GreenHTTP
import Logging
import SystemPackage

/// Serves connections with a pool of threads; the process's first thread only accepts.
///
/// The worker beats as long as a thread is free to take a request or waits for its client, and when one takes or
/// finishes a request: it is killed when the handlers of every thread have been busy with one request for `--timeout`.
final class ThreadWorker {
  private let context: WorkerContext
  private let pool: ThreadPool
  private let poller: ListenerPoller

  init(_ context: WorkerContext) {
    self.context = context
    let roomDescriptor = green_event_open()
    if roomDescriptor < 0 { context.fail("eventfd(2): \(Errno(rawValue: errno))") }
    let settings = context.configuration
    do throws(SystemCallError) {
      let resting = try RestingList(most: max(0, settings.workerConnections - settings.threads))
      poller = ListenerPoller(context, extra: [roomDescriptor, resting.descriptor])
      pool = ThreadPool(context, roomDescriptor: roomDescriptor, lingering: poller.lingering, resting: resting)
    } catch {
      context.fail("\(error)")
    }
  }

  func run(onStart: [@Sendable () throws -> Void]) -> Never {
    context.prepare(onStart)
    do throws(SystemCallError) {
      try pool.start(threads: context.configuration.threads)
    } catch {
      context.fail("it can start no more threads: \(error)")
    }
    context.reportReady()
    var stop: StopRequest?
    while stop == nil {
      tick()
      var ready = wait(milliseconds: pool.isPressed ? 20 : context.beatMilliseconds)
      if isFull && !ready.isEmpty {
        makeRoom()
        ready = []
      } else {
        pool.isRoomWanted = false
      }
      stop = poller.stopRequest()
      guard stop == nil else { break }
      for listener in ready where !isFull {
        if context.yieldsTurn() { poller.leaveTurn() }
        if let socket = context.accept(listener) { pool.submit(ThreadConnection(socket, pool)) }
      }
    }
    if stop == .drain { drain() }
    context.leave(status: 0, isQuick: stop == .quick)
  }

  /// A connection for which there is no thread is left in the kernel's queue, where a sibling may take it.
  private var isFull: Bool { context.slot.open >= pool.capacity }

  /// A connection waits in the kernel and there is no room for it: the longest idle one gives up its thread, unless a
  /// sibling has room. Looks again when a connection has ended, or after 20 ms.
  private func makeRoom() {
    if !context.siblingIsFree {
      pool.isRoomWanted = true
      pool.endIdle()
    }
    _ = wait(milliseconds: 20, listening: false)
  }

  /// Waits for connections, or until one has ended, or one that rested goes on.
  private func wait(milliseconds: CInt, listening: Bool = true) -> [Listener] {
    let ready = poller.wait(milliseconds: milliseconds, listening: listening)
    pool.clearRoom()
    pool.resume()
    return ready
  }

  private func tick() {
    pool.relieve()
    if pool.isAlive { context.slot.beat() } else { pool.noteActivity() }
  }

  private func drain() {
    context.slot.state = .draining
    let deadline = Deadline.after(context.configuration.gracefulTimeout)
    context.stopDeadline = deadline
    if context.isWholeServerStopping() {
      for listener in poller.listeners {
        var left = context.queued(at: listener)
        while left > 0 && !deadline.hasPassed {
          if isFull {
            pool.endIdle()
            waitAMoment()
          } else if let socket = context.accept(listener) {
            left -= 1
            pool.submit(ThreadConnection(socket, pool))
          } else {
            break
          }
        }
      }
    }
    for listener in poller.listeners { listener.close() }
    pool.drain()
    // Clients that may be sending a request just now are given a moment to do so.
    let moment = Deadline.after(.nanoseconds(IdleList.patienceOfStop))
    while (context.slot.open > 0 || !poller.lingering.isEmpty || !pool.resting.isEmpty) && !deadline.hasPassed {
      if moment.hasPassed { pool.endAllIdle() }
      waitAMoment()
    }
  }

  /// Until a connection has ended, or 100 ms have passed. A second signal to stop at once is obeyed.
  private func waitAMoment() {
    tick()
    _ = wait(milliseconds: 100, listening: false)
    if poller.stopRequest() == .quick { context.leave(status: 0, isQuick: true) }
  }
}
