/// A connection of which somebody may ask what request it is at: only where there is a control socket, so that others pay
/// nothing for it.
final class WatchedConnection: GreenConnection {
  let running = RunningRequest()

  override func waits() {
    running.ended()
    super.waits()
  }

  override func started(_ line: UnsafeRawBufferPointer) {
    running.began(line, at: monotonicNanoseconds())
    super.started(line)
  }
}
