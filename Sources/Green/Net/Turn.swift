internal import CFiber

/// Whose turn it is to use one direction of a stream.
///
/// A fiber that sends a long message waits in the middle of it, and another that sends meanwhile must not put its bytes
/// there; of several that receive, the first is to get what comes first. So whoever has to wait takes the turn, and whoever
/// comes while it is taken queues. Who need not wait looks at ``isTaken`` and pays nothing else.
///
/// The turns are for the fibers of one hub. On plain threads there are none: as with the system calls themselves, two
/// threads that send at once mix their bytes.
final class Turn: HubWaitList {
  private var owner: FiberPointer?

  @inline(__always)
  var isTaken: Bool { owner != nil }

  /// Runs `body` when all who asked before have had their turn.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, and what `body` throws.
  @inline(__always)
  func use<Result>(until deadline: Deadline, _ body: () throws -> Result) throws -> Result {
    guard let (_, fiber) = Hub.running else { return try body() }
    if isTaken { try queue(until: deadline) } else { owner = fiber }
    defer { pass() }
    return try body()
  }

  @inline(never)
  private func queue(until deadline: Deadline) throws {
    if let owner, owner.record.pointee.state == .finished {
      // Only in a forked child: the turn was taken by a fiber of the parent, which does not run here.
      forgetAll()
      self.owner = cfiber_current()
    } else {
      // Who is woken has been given the turn.
      try wait(until: deadline, for: WaitReason(.turn))
    }
  }

  /// Gives the turn to the next who waits for it, if there is one.
  private func pass() { owner = wakeFirst() }
}
