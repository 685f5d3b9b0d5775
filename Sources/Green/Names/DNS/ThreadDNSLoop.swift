internal import CGlibc
internal import Glibc

/// A channel's sockets and timer on a plain thread, which blocks in `ppoll(2)` until they have something to say.
final class ThreadDNSLoop: DNSLoop {
  var process: ((_ readable: CInt, _ writable: CInt) -> Void)?
  private var watched: [CInt: CShort] = [:]
  private var timer = Deadline.never

  func watch(_ descriptor: CInt, readable: Bool, writable: Bool) {
    let events = (readable ? CShort(POLLIN) : 0) | (writable ? CShort(POLLOUT) : 0)
    watched[descriptor] = events == 0 ? nil : events
  }

  func setTimer(_ deadline: Deadline) { timer = deadline }

  func stop() {
    watched = [:]
    timer = .never
  }

  /// Waits once, until the deadline at the latest, and lets the channel process what has happened.
  ///
  /// - Parameter others: descriptors of the caller's that end the wait too. Which of them are ready is not noted.
  /// - Returns: whether there is, or may be, something new; `false` at the deadline.
  func turn(until deadline: Deadline, or others: UnsafeMutableBufferPointer<pollfd>? = nil) -> Bool {
    if deadline.hasPassed { return false }
    let own = watched.map { pollfd(fd: $0.key, events: $0.value, revents: 0) }
    var entries = own + (others.map { Array($0) } ?? [])
    let end = min(deadline, timer)
    let count: CInt
    if end == .never {
      count = cglibc_ppoll(&entries, entries.count, nil)
    } else {
      var timeout = Deadline(nanoseconds: max(0, end.nanoseconds &- Deadline.now.nanoseconds)).asTimespec
      count = cglibc_ppoll(&entries, entries.count, &timeout)
    }
    for entry in entries.prefix(own.count) where count > 0 && entry.revents != 0 {
      // An error is found out by reading.
      let isReadable = entry.revents & CShort(POLLOUT) != entry.revents
      process?(isReadable ? entry.fd : -1, entry.revents & CShort(POLLOUT) != 0 ? entry.fd : -1)
    }
    if timer.hasPassed {
      timer = .never
      process?(-1, -1)
    }
    return true
  }
}
