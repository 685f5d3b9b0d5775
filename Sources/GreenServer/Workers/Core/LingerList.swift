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

  /// Takes over a connection. One too many is closed at once. Any thread may call it.
  func add(_ socket: Socket) {
    socket.finishSending()
    lock.held { if entries.count < Self.most { entries.append(Entry(socket: socket)) } else { socket.close() } }
  }

  var isEmpty: Bool { lock.held { entries.isEmpty } }

  /// Puts what is to be waited for into `room`, which has places for ``most``: how many they are, and until when.
  func fill(_ room: UnsafeMutableBufferPointer<pollfd>) -> (count: Int, deadline: Deadline) {
    lock.held {
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

  /// Whether more may come.
  private func read(_ entry: inout Entry, into scratch: UnsafeMutableRawBufferPointer) -> Bool {
    let count = recv(entry.socket.descriptor, scratch.baseAddress, scratch.count, CInt(MSG_DONTWAIT))
    if count < 0 { return errno == EAGAIN && !entry.deadline.hasPassed }
    entry.left -= count
    return count > 0 && entry.left > 0 && !entry.deadline.hasPassed
  }
}
