import CGlibc
import CProcess
import Glibc
import Green
import SystemPackage

/// Connections that wait for a request without a thread, since others needed theirs. Each goes on, on any thread, when its
/// client sends something: it is not closed, which a client that is just sending would take for a lost request
/// (RFC 9112, 9.3.1).
final class RestingList {
  private struct Entry {
    let connection: ThreadConnection
    let deadline: Deadline
    /// Whether its client has sent something that nobody has read.
    var hasSent: Bool { cglibc_unread(connection.socket.descriptor) > 0 }
  }

  /// Readable when a client has sent something.
  let descriptor: CInt
  let most: Int
  private let lock = ThreadLock()
  private var entries: [CInt: Entry] = [:]

  /// A list that holds `most` connections. Throws what the system refuses.
  init(most: Int) throws(SystemCallError) {
    descriptor = cprocess_watch_open()
    if descriptor < 0 { throw SystemCallError("epoll_create1", Errno(rawValue: errno)) }
    self.most = most
  }

  deinit { close(descriptor) }

  var isEmpty: Bool { lock.held { entries.isEmpty } }

  /// Takes over a connection until its client sends something, or the deadline. Where there is no room the one that has
  /// least time left is closed, of those whose clients have sent nothing. Any thread may call it.
  func add(_ connection: ThreadConnection, until deadline: Deadline) {
    lock.held {
      guard most > 0 else {
        connection.finish()
        return connection.socket.close()
      }
      if entries.count >= most { endNext() }
      let number = connection.socket.descriptor
      entries[number] = Entry(connection: connection, deadline: deadline)
      if cprocess_watch_add(descriptor, number) != 0 { end(entries[number]) }
    }
  }

  /// Gives back the connections whose clients have sent something or have gone, and closes those whose time is over.
  func takeReady() -> [ThreadConnection] {
    lock.held {
      if entries.isEmpty { return [] }
      let ready = withUnsafeTemporaryAllocation(of: CInt.self, capacity: 64) { ready in
        let count = cprocess_watch_ready(descriptor, ready.baseAddress, CInt(ready.count))
        return ready.prefix(Int(count)).compactMap { remove($0)?.connection }
      }
      // Who has sent something in time is served, also where nobody has looked since.
      for entry in entries.values where entry.deadline.hasPassed && !entry.hasSent { end(entry) }
      return ready
    }
  }

  /// Closes those whose clients have sent nothing. The others are given back by ``takeReady()``.
  func closeSilent() { lock.held { for entry in entries.values where !entry.hasSent { end(entry) } } }

  /// Closes the one that has least time left. Where everybody has sent something none is: they do not rest for long.
  private func endNext() {
    guard let next = entries.values.min(by: { $0.deadline < $1.deadline }) else { return }
    if !next.hasSent { return end(next) }
    end(entries.values.sorted { $0.deadline < $1.deadline }.first { !$0.hasSent })
  }

  private func end(_ entry: Entry?) {
    guard let entry else { return }
    _ = remove(entry.connection.socket.descriptor)
    entry.connection.finish()
    entry.connection.socket.close()
  }

  private func remove(_ number: CInt) -> Entry? {
    cprocess_watch_remove(descriptor, number)
    return entries.removeValue(forKey: number)
  }
}
