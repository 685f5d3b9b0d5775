import CProcess
import Glibc
import Green
import SystemPackage

/// Serves one connection at a time, one request each, where it is taken: on the process's only thread. One whose head has not
/// come yet waits until it has, while others are served.
///
/// The worker beats between two connections, and lives while it waits for a client: a handler that takes longer than
/// `--timeout` costs it its life. A connection that speaks another protocol has the thread, so that there is nobody to tell it
/// of a stop.
final class SyncEngine: WorkerEngine {
  private let context: WorkerContext
  private let room: WaitingRoom
  /// Readable when a connection waits at a listener, or a head has come in the waiting room.
  private let others: CInt

  /// Throws what the system refuses.
  init(_ context: WorkerContext) throws(SystemCallError) {
    self.context = context
    room = try WaitingRoom(
      silentTime: context.http.firstByteTime, headTime: context.http.limits.headDeadline, isHTTP: context.opening == nil
    )
    others = cprocess_watch_open()
    if others < 0 { throw SystemCallError("epoll_create1", Errno(rawValue: errno)) }
    for descriptor in context.listeners + [room.descriptor] where cprocess_watch_add(others, descriptor) != 0 {
      throw SystemCallError("epoll_ctl", Errno(rawValue: errno))
    }
  }

  var capacity: Int { 1 }
  var takesSeveral: Bool { false }
  func endIdle(patience: Int64) -> Bool { false }
  /// Between two requests there is none in progress.
  func obey(_ order: WorkerOrder) { order.answer(running: []) }

  /// Most heads come with their connections, or a moment later: so long the connection is this worker's only one, since one
  /// that waits here cannot be taken by a sibling that is free. It is shorter than anybody would notice who waits for it, and
  /// no time at all where some keep it waiting.
  private static let moment: CInt = 20
  private static let fewWaiting = 8

  func serve(_ socket: Socket) {
    var sight = HeadSight.of(socket.descriptor, isHTTP: room.isHTTP)
    if sight == .nothing && room.count < Self.fewWaiting {
      var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&entry, 1, Self.moment)
      sight = HeadSight.of(socket.descriptor, isHTTP: room.isHTTP)
    }
    if sight == .enough { return serve(SyncConnection(socket, context, others: others)) }
    room.add(socket, hasBegun: sight == .part)
    context.leftPlace()
  }

  private func serve(_ connection: SyncConnection) {
    // The handler does not come back to the loop, where signals are read.
    QuickStop.begin()
    let isStillSending = connection.serve()
    QuickStop.end()
    context.slot.activity = ""
    context.ended(connection, isStillSending: isStillSending)
  }

  var watched: CInt { room.descriptor }
  var attention: Deadline { room.due }
  var hasResting: Bool { !room.isEmpty }
  func endResting() { room.clear() }

  /// One at a time: the loop looks at signals, and at who else has come, before the next.
  func attend() {
    switch room.next() {
    case nil: break
    case .close(let socket): socket.close()
    case .serve(let socket):
      context.slot.countResumed()
      serve(SyncConnection(socket, context, others: others))
    case .refuse(let socket):
      context.slot.countResumed()
      serve(SyncConnection(socket, context, others: others, isLate: true))
    }
  }
}
