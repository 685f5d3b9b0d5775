internal import CGlibc
internal import SystemPackage

/// Whether there is still somebody at the other end.
extension Socket {
  /// Whether the peer has ended its sending direction, or is gone: `POLLRDHUP` of `poll(2)`, whatever has been sent before
  /// that and not been received. A peer that has ended one direction only, and still receives, looks the same. Never parks.
  public var peerHasEnded: Bool { cglibc_peer_has_ended(descriptor) }

  /// Waits until ``peerHasEnded``. Nothing is received. Parks until then.
  ///
  /// - Returns: `false` when the deadline has passed first.
  /// - Throws: `Errno.badFileDescriptor` when the socket is closed meanwhile.
  public func waitForPeerToEnd(until deadline: Deadline = .never) throws -> Bool {
    while !peerHasEnded {
      if descriptor < 0 { throw Errno.badFileDescriptor }
      if deadline.hasPassed { return false }
      do {
        if cglibc_unread(descriptor) > 0 {
          // The descriptor is readable as long as nobody takes what is there: only time can be waited for.
          try Fiber.sleep(until: min(deadline, .after(.milliseconds(500))))
        } else {
          try Readiness.wait(for: descriptor, .read, until: deadline)
        }
      } catch Errno.timedOut {}
    }
    return true
  }
}
