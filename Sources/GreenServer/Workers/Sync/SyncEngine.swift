import Green

/// Serves one connection at a time, one request each, where it is taken: on the process's only thread.
///
/// The worker beats between two connections, and lives while it waits for a client: a handler that takes longer than
/// `--timeout` costs it its life. A connection that speaks another protocol has the thread, so that there is nobody to tell it
/// of a stop.
final class SyncEngine: WorkerEngine {
  private let context: WorkerContext

  init(_ context: WorkerContext) { self.context = context }

  var capacity: Int { 1 }
  var takesSeveral: Bool { false }
  func endIdle(patience: Int64) -> Bool { false }

  func serve(_ socket: Socket) {
    // The handler does not come back to the loop, where signals are read.
    QuickStop.begin()
    let connection = SyncConnection(socket, context)
    let isStillSending = connection.serve()
    QuickStop.end()
    context.slot.activity = ""
    context.ended(connection, isStillSending: isStillSending)
  }
}
