import Glibc
import Green
import SystemPackage

/// What tests of sockets and streams begin with.

let loopback = SocketAddress(host: "127.0.0.1", port: 0)!
let loopback6 = SocketAddress(host: "::1", port: 0)!

/// A connected pair over loopback.
func connectedPair() throws -> (client: Socket, server: Socket) {
  let listener = try Listener.bind(loopback)
  let client = try Socket.connect(to: listener.address!)
  return (client, try listener.accept())
}

func receiveText(_ socket: Socket, atMost count: Int = 1000, until deadline: Deadline = .never) throws -> String {
  try text(atMost: count) { try socket.receive(into: $0, until: deadline) }
}

func sendText(_ socket: Socket, _ text: String) throws {
  try Array(text.utf8).withUnsafeBytes { try socket.send($0) }
}

func readText(_ stream: DescriptorStream, atMost count: Int = 1000, until deadline: Deadline = .never) throws -> String
{
  try text(atMost: count) { try stream.read(into: $0, until: deadline) }
}

func writeText(_ stream: DescriptorStream, _ text: String, until deadline: Deadline = .never) throws {
  try Array(text.utf8).withUnsafeBytes { try stream.write($0, until: deadline) }
}

func text(atMost count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows -> String {
  var bytes = [UInt8](repeating: 0, count: count)
  let filled = try bytes.withUnsafeMutableBytes { try fill($0) }
  return String(decoding: bytes[..<filled], as: UTF8.self)
}

/// All bytes until the end of the stream, or as many as asked for.
func receiveAll(_ socket: Socket, atMost limit: Int = .max) throws -> [UInt8] {
  var all: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 10_000)
  while all.count < limit {
    let count = try part.withUnsafeMutableBytes { room in
      try socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: room[..<min(room.count, limit - all.count)]))
    }
    if count == 0 { break }
    all += part[..<count]
  }
  return all
}

/// A listener that does not answer: its backlog is full, and the kernel drops what else comes. It holds what fills it.
struct SilentListener {
  let listener: Listener
  private let filling: [Socket]

  init(_ address: SocketAddress) throws {
    let listener = try Listener.bind(address, backlog: 0)
    self.listener = listener
    filling = [try Socket.connect(to: listener.address!)]
  }

  var address: SocketAddress { listener.address! }
}

/// An address where nobody listens.
func vacantAddress(_ address: SocketAddress = loopback) throws -> SocketAddress {
  try Listener.bind(address).address!
}

/// The error that `body` throws, `nil` for none.
func thrown(_ body: () throws -> Void) -> (any Error)? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}
