package import CGlibc
internal import CLibEv
internal import Glibc
internal import SystemPackage

/// Waiting for descriptors, in a fiber or on a plain thread.
public enum Readiness {
  /// Waits until the descriptor may be read or written without blocking, or has failed: the call itself then tells.
  /// Parks the calling fiber; outside fibers it blocks the thread with `ppoll`.
  ///
  /// - Throws: `Errno.timedOut` when the deadline passes first, `Errno.badFileDescriptor` when the descriptor is
  ///   closed meanwhile.
  public static func wait(for descriptor: CInt, _ direction: Direction, until deadline: Deadline = .never) throws {
    try wait(for: descriptor, direction, until: deadline, told: nil)
  }

  /// As ``wait(for:_:until:)``; a dump says that the fiber waits for what `reason` names.
  static func wait(for descriptor: CInt, _ direction: Direction, until deadline: Deadline, told reason: WaitReason?)
    throws
  {
    guard let (hub, fiber) = Hub.running else {
      return try BlockedThread.wait(for: descriptor, direction, until: deadline)
    }
    try hub.wait(fiber, for: descriptor, direction.event, until: deadline, told: reason).check()
  }

  /// Waits until one of several descriptors may be ready, each for the events that it asks for, or is closed. Parks the
  /// calling fiber; outside fibers it blocks the thread with `ppoll`. Which one it is, `revents` says, as far as that is
  /// known without a system call: a failure may be told as `POLLIN`.
  ///
  /// - Throws: as ``wait(for:_:until:)``.
  package static func wait(for descriptors: UnsafeMutableBufferPointer<pollfd>, until deadline: Deadline) throws {
    guard let (hub, _) = Hub.running else { return try BlockedThread.wait(for: descriptors, until: deadline) }
    for index in descriptors.indices { descriptors[index].revents = 0 }
    let wake = hub.wait(for: UnsafeBufferPointer(descriptors), until: deadline) { index, event in
      let direction = event == CInt(EV_READ) ? Direction.read : .write
      descriptors[index].revents |= direction.pollEvent
    }
    try wake.check()
  }

  /// Looks which descriptors are ready: how many, and in their `revents` for what. Never waits.
  static func look(at descriptors: UnsafeMutableBufferPointer<pollfd>) throws(Errno) -> Int {
    Int(try systemCall { poll(descriptors.baseAddress, nfds_t(descriptors.count), 0) })
  }

  /// Whether the descriptor is ready, or has failed. Never waits.
  static func isReady(_ descriptor: CInt, _ direction: Direction) throws(Errno) -> Bool {
    var entry = pollfd(fd: descriptor, events: direction.pollEvent, revents: 0)
    return try systemCall { poll(&entry, 1, 0) } > 0
  }
}
