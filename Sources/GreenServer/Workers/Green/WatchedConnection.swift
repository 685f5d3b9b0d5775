import CProcess
import GreenHTTP

/// A connection of which somebody may ask what requests it is at, of which there are several in HTTP/2: only where there is a
/// control socket, so that others pay nothing for it.
final class WatchedConnection: GreenConnection {
  private var running: [ObjectIdentifier: WorkerOrder.Running] = [:]

  /// Those in progress, from the end of the head to the end of the answer.
  var requestsInProgress: [WorkerOrder.Running] { Array(running.values) }

  override func waits() {
    running.removeAll(keepingCapacity: true)
    super.waits()
  }

  override func started(_ request: Request, _ line: UnsafeRawBufferPointer) {
    running[ObjectIdentifier(request.storage)] = WorkerOrder.Running(
      line: String(decoding: line.prefix(Int(CPROCESS_ACTIVITY_BYTES)), as: UTF8.self), since: monotonicNanoseconds())
    super.started(request, line)
  }

  override func finished(_ request: Request) { running[ObjectIdentifier(request.storage)] = nil }
}
