import Foundation

import class Green.Mutex

/// What a server writes to its standard error. Whoever looks sees all that has been written by then: the thread that reads
/// along may be late.
final class ServerLog: @unchecked Sendable {
  /// Unsafe: the end for writing is the process's, and from the other is read with the lock held.
  let pipe = Pipe()
  private let bytes = Mutex<[UInt8]>([])

  init() {
    let reading = pipe.fileHandleForReading
    _ = fcntl(reading.fileDescriptor, F_SETFL, O_NONBLOCK)
    // Also while nobody looks: a pipe that is full costs lines.
    reading.readabilityHandler = { [weak self] handle in
      if self?.readOn() != true { handle.readabilityHandler = nil }
    }
  }

  deinit { pipe.fileHandleForReading.readabilityHandler = nil }

  var text: String {
    readOn()
    return bytes.withLock { String(decoding: $0, as: UTF8.self) }
  }

  /// Takes what has been written; false where nobody is left who could write more.
  @discardableResult
  private func readOn() -> Bool {
    bytes.withLock { bytes in
      var room = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(pipe.fileHandleForReading.fileDescriptor, &room, room.count)
        if count <= 0 { return count < 0 }
        bytes += room[..<count]
      }
    }
  }
}
