import Glibc
import Green
import SystemPackage

/// A client's end of the control socket.
final class ControlConnection {
  private let socket: Socket
  private var received: [UInt8] = []

  /// The longest answer, a trace above all.
  private static let mostBytes = 1 << 30
  /// How long an answer may take besides what was asked for.
  private static let patience = Duration.seconds(75)

  init(_ path: String) throws(ControlFault) {
    guard let address = SocketAddress(unixPath: path) else {
      throw ControlFault("'\(path)' is too long for the path of a socket")
    }
    do {
      socket = try Socket.connect(to: address, until: .after(.seconds(5)))
    } catch {
      throw ControlFault("no server listens at '\(path)'", because: error)
    }
  }

  /// Asks one thing. Blocks until it has been answered. After a fault the connection is of no use: what is answered later would
  /// be taken for the answer to what is asked next.
  func ask(_ line: String) throws(ControlFault) -> ControlReply {
    let deadline = Deadline.after(Self.patience)
    do {
      try Array((line + "\n").utf8).withUnsafeBytes { try socket.send($0, until: deadline) }
    } catch {
      throw ControlFault("the server has ended the connection", because: error)
    }
    let head = String(decoding: try takeLine(until: deadline), as: UTF8.self).split(separator: " ")
    guard head.count == 2, let count = Int(head[1]), (0...Self.mostBytes).contains(count) else {
      throw ControlFault("what listens there is not a server of greenfinch's")
    }
    while received.count < count { try receive(until: deadline) }
    let text = String(decoding: received[..<count], as: UTF8.self)
    received.removeFirst(count)
    var reply = ControlReply(text)
    reply.isError = head[0] == "error"
    return reply
  }

  private func takeLine(until deadline: Deadline) throws(ControlFault) -> [UInt8] {
    while true {
      if let end = received.firstIndex(of: 0x0a) {
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        return line
      }
      try receive(until: deadline)
    }
  }

  private func receive(until deadline: Deadline) throws(ControlFault) {
    var room = [UInt8](repeating: 0, count: 65_536)
    let count: Int
    do {
      count = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: deadline) }
    } catch {
      throw ControlFault("the server does not answer", because: error)
    }
    // It ends at once the connections of those whom it does not obey.
    guard count > 0 else { throw ControlFault("the server has ended the connection: it obeys its own user and root") }
    received += room[..<count]
  }
}
