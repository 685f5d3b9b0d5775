internal import CGlibc
internal import Glibc
internal import SystemPackage

/// What a fiber's waits become on a plain thread: the thread blocks in the kernel, with the same deadlines.
enum BlockedThread {
  static func sleep(until deadline: Deadline) throws {
    guard deadline != .never else { while true { pause() } }
    var time = deadline.asTimespec
    while clock_nanosleep(CLOCK_MONOTONIC, CInt(TIMER_ABSTIME), &time, nil) == EINTR {}
  }

  static func wait(for descriptor: CInt, _ direction: Direction, until deadline: Deadline) throws {
    // poll(2) leaves a negative one out.
    guard descriptor >= 0 else { throw Errno.badFileDescriptor }
    var entry = pollfd(fd: descriptor, events: direction.pollEvent, revents: 0)
    try withUnsafeMutablePointer(to: &entry) {
      try wait(for: UnsafeMutableBufferPointer(start: $0, count: 1), until: deadline)
    }
    if entry.revents & Int16(POLLNVAL) != 0 { throw Errno.badFileDescriptor }
  }

  /// - Returns: whether it was `other` that became readable, and `descriptor` did not.
  static func wait(toRead descriptor: CInt, until deadline: Deadline, interruptedBy other: CInt) throws -> Bool {
    try withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { entries in
      entries[0] = pollfd(fd: descriptor, events: Direction.read.pollEvent, revents: 0)
      entries[1] = pollfd(fd: other, events: Direction.read.pollEvent, revents: 0)
      try wait(for: entries, until: deadline)
      return entries[0].revents == 0
    }
  }

  static func wait(for descriptors: UnsafeMutableBufferPointer<pollfd>, until deadline: Deadline) throws {
    while true {
      let count: CInt
      if deadline == .never {
        count = cglibc_ppoll(descriptors.baseAddress, descriptors.count, nil)
      } else {
        let rest = deadline.hasPassed ? 0 : deadline.nanoseconds - Deadline.now.nanoseconds
        var timeout = Deadline(nanoseconds: max(0, rest)).asTimespec
        count = cglibc_ppoll(descriptors.baseAddress, descriptors.count, &timeout)
      }
      if count > 0 { return }
      if count == 0 { throw Errno.timedOut }
      if errno != EINTR { throw Errno(rawValue: errno) }
    }
  }
}

extension Deadline {
  var asTimespec: timespec {
    Glibc.timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}
