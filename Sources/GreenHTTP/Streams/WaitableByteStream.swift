public import Green

/// A stream that can be waited for without a buffer: then a connection that waits for its next request holds none.
public protocol WaitableByteStream: ByteStream {
  /// Parks or blocks until the next receive need not wait, or may not. `false` when the deadline passes first.
  func waitToReceive(until deadline: Deadline) throws -> Bool
}

/// How connections wait that may be idle for long.
package enum IdleWait {
  /// How long one is idle, in nanoseconds, before it gives the memory of its stack back.
  package static var restTime: Int64 { 1_000_000_000 }

  /// Waits until there is something to receive: until `rest` as it is, and then until `deadline` with no more than a page of
  /// the fiber's stack.
  @inline(__always)
  package static func wait(for stream: any WaitableByteStream, rest: Deadline, until deadline: Deadline) {
    // What goes wrong here, the receive that follows finds too.
    if (try? stream.waitToReceive(until: rest)) == false { waitForLong(stream, deadline) }
  }

  /// The same, with the usual time of rest.
  package static func wait(for stream: any WaitableByteStream, until deadline: Deadline) {
    wait(for: stream, rest: min(deadline, .coarselyAfter(nanoseconds: restTime)), until: deadline)
  }

  @inline(never)
  private static func waitForLong(_ stream: any WaitableByteStream, _ deadline: Deadline) {
    Fiber.giveBackStack()
    _ = try? stream.waitToReceive(until: deadline)
  }
}
