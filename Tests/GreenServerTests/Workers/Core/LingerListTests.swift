import Glibc
import Green
import SuiteSupport
import TestSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct LingerListTests {
  private func send(_ bytes: [UInt8], to socket: Socket) throws {
    try bytes.withUnsafeBytes { try socket.send($0, until: .after(.seconds(20))) }
  }

  /// What comes until the end; throws where the connection is reset.
  private func rest(of socket: Socket) throws -> String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 100)
    while case let count = try buffer.withUnsafeMutableBytes({
      try socket.receive(into: $0, until: .after(.seconds(20)))
    }), count > 0 {
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }

  @Test func `those that are too many take the places of the oldest, which have their answers whole`() throws {
    try onHub {
      let tooMany = 5
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let list = LingerList()
      var (clients, sockets): ([Socket], [Socket]) = ([], [])
      for _ in 0..<LingerList.most + tooMany {
        let client = try Socket.connect(to: listener.address!)
        let socket = try listener.accept(until: .after(.seconds(20)))
        try self.send([UInt8](repeating: 1, count: 20_000), to: client)
        try self.send(Array("no".utf8), to: socket)
        list.add(socket)
        clients.append(client)
        sockets.append(socket)
      }
      // The loop may be waiting for them.
      #expect(sockets.allSatisfy { $0.descriptor >= 0 })
      let room = UnsafeMutableBufferPointer<pollfd>.allocate(capacity: LingerList.most)
      defer { room.deallocate() }
      #expect(list.fill(room).count == LingerList.most)
      #expect(sockets.map { $0.descriptor < 0 } == sockets.indices.map { $0 < tooMany })
      for client in clients[..<tooMany] { #expect(try self.rest(of: client) == "no") }
      // The others are read from until their clients end.
      for client in clients { client.close() }
      let deadline = Deadline.after(.seconds(20))
      while !list.isEmpty && !deadline.hasPassed { list.readOn() }
      #expect(list.isEmpty)
    }
  }
}
