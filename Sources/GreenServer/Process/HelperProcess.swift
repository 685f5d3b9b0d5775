import Glibc
import SystemPackage

/// A process beside the master's that answers lines with lines, for what must not run in the master itself. It is meant
/// to end when its standard input does, which is when the master has gone.
package final class HelperProcess {
  private let socket: CInt
  private var rest: [UInt8] = []

  /// Starts a program, whose standard input is a socket: it answers there too.
  ///
  /// - Throws: what kept it from starting, as a sentence.
  package init(path: String, arguments: [String]) throws {
    var pair: (CInt, CInt) = (-1, -1)
    let result = withUnsafeMutablePointer(to: &pair) { pair in
      pair.withMemoryRebound(to: CInt.self, capacity: 2) {
        socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, $0)
      }
    }
    guard result == 0 else { throw SystemCallError("socketpair", Errno(rawValue: errno)) }
    defer { close(pair.1) }
    socket = pair.0
    do {
      _ = try ProcessStart(path: path, arguments: arguments + ["\(pair.1)"], inherited: [pair.1]).run()
    } catch {
      close(pair.0)
      throw error
    }
  }

  deinit { close(socket) }

  /// Sends a line, and waits for the answer.
  ///
  /// - Throws: ``HelperGone`` where there is none.
  package func ask(_ line: String) throws -> String {
    writeAll(line + "\n", to: socket)
    return try answer()
  }

  /// The next line.
  package func answer() throws -> String {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest.removeSubrange(...end) }
        return String(decoding: rest[..<end], as: UTF8.self)
      }
      var room = [UInt8](repeating: 0, count: 4096)
      let count = read(socket, &room, room.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw HelperGone() }
      rest += room[..<count]
    }
  }
}

/// The process has ended without an answer.
package struct HelperGone: Error, CustomStringConvertible {
  package let description = "the process that calls hooks has ended"
}
