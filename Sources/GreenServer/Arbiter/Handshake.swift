import Glibc
import Green
import SystemPackage

/// What a worker tells its master, and what two masters tell each other.
enum HandshakeMessage: Equatable {
  case ready
  case failed(reason: String)
  /// It has served enough, and another is to take its place.
  case due(reason: String)
  /// Of the listeners that a successor is given, those with a socket file that is the server's own.
  case files([Int])
  /// The answer to the order of that number is in its file.
  case answered(Int)

  /// The longest message; a longer reason is cut.
  static let mostBytes = 4096

  var bytes: [UInt8] {
    switch self {
    case .ready: Array("ready".utf8)
    case .failed(let reason): Array("failed ".utf8) + reason.utf8.prefix(Self.mostBytes - 7)
    case .due(let reason): Array("due ".utf8) + reason.utf8.prefix(Self.mostBytes - 4)
    case .files(let indices): Array("files \(indices.map(String.init).joined(separator: " "))".utf8)
    case .answered(let order): Array("answered \(order)".utf8)
    }
  }

  init?(bytes: some Collection<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    if text == "ready" {
      self = .ready
    } else if text.hasPrefix("failed ") {
      self = .failed(reason: String(text.dropFirst(7)))
    } else if text.hasPrefix("due ") {
      self = .due(reason: String(text.dropFirst(4)))
    } else if text.hasPrefix("files ") {
      self = .files(text.dropFirst(6).split(separator: " ").compactMap { Int($0) })
    } else if text.hasPrefix("answered "), let order = Int(text.dropFirst(9)) {
      self = .answered(order)
    } else {
      return nil
    }
  }
}

/// One end of the socket between a master and a worker. Each message is one packet.
///
/// The worker's end says who it is: the master puts a token in before the worker exists. The end of the stream tells
/// each side that the other is gone.
struct Handshake {
  let descriptor: CInt

  /// The master's end and the worker's, both close-on-exec and non-blocking. Throws `Errno`.
  static func pair() throws(Errno) -> (master: Handshake, worker: Handshake) {
    var ends: [CInt] = [-1, -1]
    let kind = CInt(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    _ = try systemCall { socketpair(AF_UNIX, kind, 0, &ends) }
    return (Handshake(descriptor: ends[0]), Handshake(descriptor: ends[1]))
  }

  func send(_ bytes: [UInt8]) throws(Errno) {
    _ = try systemCall { Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) }
  }

  func send(_ message: HandshakeMessage) throws(Errno) { try send(message.bytes) }

  enum Received: Equatable {
    case message(HandshakeMessage)
    /// The application's figures of a worker that ends, in a file.
    case figures(file: CInt)
    /// Nothing for now.
    case nothing
    /// The other side is gone.
    case end
  }

  /// Takes a message out without waiting. What is not a message is skipped.
  func receive() -> Received {
    let packet = receivePacket { bytes, files -> Received? in
      if files.count == 1 { return .figures(file: files[0]) }
      return files.isEmpty ? HandshakeMessage(bytes: bytes).map { .message($0) } : nil
    }
    switch packet {
    case .packet(let received): return received
    case .nothing: return .nothing
    case .end: return .end
    }
  }

  func close() { Glibc.close(descriptor) }
}
