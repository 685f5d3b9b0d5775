internal import CGlibc
internal import Glibc
internal import SystemPackage

extension Socket {
  /// Sends all the bytes, however long that takes, as long as the peer keeps to a pace. Parks while the kernel's buffer is
  /// full.
  ///
  /// Linux calls a socket writable again when a third of its buffer is free, which may be a megabyte: what the peer has
  /// taken meanwhile is seen by `SIOCOUTQ` of `tcp(7)`.
  ///
  /// - Throws: as ``send(_:until:)-(UnsafeRawBufferPointer,_)``, with `Errno.timedOut` when the peer is too slow.
  public func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws {
    guard let rest = try sendFirst(bytes) else { return }
    // Who sends meanwhile has a time of its own.
    try send(rest, until: .never) { try waitForRoom(pace) }
  }

  /// Waits until the kernel's buffer has room.
  func waitForRoom(_ pace: Pace) throws {
    var before = untaken
    while true {
      let began = Deadline.now.nanoseconds
      let isWritable = try waitForRoom(
        until: Deadline(nanoseconds: began).advanced(by: .nanoseconds(pace.untilNextLook)))
      let now = untaken
      // Where the kernel cannot tell, it is progress that there is room again.
      pace.note(
        waited: Deadline.now.nanoseconds - began,
        moved: before.flatMap { before in now.map { max(0, before - $0) } } ?? .max)
      before = now
      if isWritable { return }
      if pace.left <= 0 { throw Errno.timedOut }
    }
  }

  /// - Returns: `false` at the deadline.
  private func waitForRoom(until deadline: Deadline) throws -> Bool {
    do {
      try Readiness.wait(for: descriptor, .write, until: deadline)
      return true
    } catch Errno.timedOut where deadline.hasPassed {
      return false
    }
  }

  /// How much of what was sent the peer has not taken yet; `nil` where the kernel cannot tell.
  private var untaken: Int? {
    let count = cglibc_untaken(descriptor)
    return count < 0 ? nil : Int(count)
  }
}
