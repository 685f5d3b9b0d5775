import CGlibc
import Glibc
import Green
import GreenHTTP

/// Connections that have ended while their clients may still be sending: they are read from for a moment by the worker's
/// loop, between two connections, so that nothing which could serve is held by them.
///
/// See ``GreenHTTP/ByteStream/linger(until:)``.
final class LingerList {
  private struct Entry {
    let socket: Socket
    let deadline = Deadline.after(.seconds(1))
    var left = Lingering.mostBytes
  }

  static let most = 100
  private let lock = ThreadLock()
  private var entries: [Entry] = []
  /// Those that have made room for others. They are closed by the loop, which may be waiting for them now.
  private var leaving: [Entry] = []
  /// How many the loop closes just now, without the lock: threads that end a connection do not wait for that.
  private var closing = 0

  /// Takes over a connection. Where it is one too many, that goes which has been here the longest. Any thread may call it.
  func add(_ socket: Socket) {
    socket.finishSending()
    lock.held {
      if entries.count == Self.most { leaving.append(entries.removeFirst()) }
      entries.append(Entry(socket: socket))
    }
  }

  var isEmpty: Bool { lock.held { entries.isEmpty && leaving.isEmpty && closing == 0 } }

  /// Puts what is to be waited for into `room`, which has places for ``most``: how many they are, and until when. Closes what
  /// has made room for others. Only for the loop, while it waits for none of them.
  func fill(_ room: UnsafeMutableBufferPointer<pollfd>) -> (count: Int, deadline: Deadline) {
    closeLeaving()
    return lock.held {
      for (index, entry) in entries.enumerated() {
        room[index] = pollfd(fd: entry.socket.descriptor, events: Int16(POLLIN), revents: 0)
      }
      return (entries.count, entries.map(\.deadline).min() ?? .never)
    }
  }

  /// Reads what has come, and closes the connections that have ended or whose time is over.
  func readOn() {
    lock.held {
      if entries.isEmpty { return }
      withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { scratch in
        entries = entries.compactMap { entry in
          var entry = entry
          if read(&entry, into: scratch) { return entry }
          entry.socket.close()
          return nil
        }
      }
    }
  }

  private func closeLeaving() {
    let gone = lock.held {
      let gone = leaving
      leaving = []
      closing = gone.count
      return gone
    }
    if gone.isEmpty { return }
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { scratch in
      for entry in gone {
        readOut(entry.socket, into: scratch)
        entry.socket.close()
      }
    }
    lock.held { closing = 0 }
  }

  /// Reads what has come by now, and no more than that of one who sends without end: unread, it would have the kernel reset the
  /// connection.
  private func readOut(_ socket: Socket, into scratch: UnsafeMutableRawBufferPointer) {
    var rest = Int(cglibc_unread(socket.descriptor))
    while rest > 0 {
      let count = recv(socket.descriptor, scratch.baseAddress, scratch.count, CInt(MSG_DONTWAIT))
      if count <= 0 { return }
      rest -= count
    }
  }

  /// Whether more may come.
  private func read(_ entry: inout Entry, into scratch: UnsafeMutableRawBufferPointer) -> Bool {
    let count = recv(entry.socket.descriptor, scratch.baseAddress, scratch.count, CInt(MSG_DONTWAIT))
    if count < 0 { return errno == EAGAIN && !entry.deadline.hasPassed }
    entry.left -= count
    return count > 0 && entry.left > 0 && !entry.deadline.hasPassed
  }
}
