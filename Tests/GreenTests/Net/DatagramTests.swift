import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private func receive(_ socket: DatagramSocket, atMost count: Int = 1000, until deadline: Deadline = .never) throws -> (
  text: String, sender: SocketAddress?, isTruncated: Bool
) {
  var what: ReceivedDatagram?
  let text = try text(atMost: count) {
    what = try socket.receive(into: $0, until: deadline)
    return what!.count
  }
  return (text, what!.sender, what!.isTruncated)
}

private func send(_ socket: DatagramSocket, _ text: String, to address: SocketAddress? = nil) throws {
  try Array(text.utf8).withUnsafeBytes { try socket.send($0, to: address) }
}

private func unixPath(_ name: String) -> SocketAddress {
  SocketAddress(unixPath: "@greenfinch-test-\(getpid())-\(name)")!
}

@Suite(.bounded) struct DatagramTests {
  @Test(arguments: [loopback, loopback6])
  func whatIsSentIsReceivedWithItsSender(_ address: SocketAddress) throws {
    try onHub {
      let (one, other) = (try DatagramSocket.bind(address), try DatagramSocket.bind(address))
      let receiving = Fiber.spawn { try receive(other) }
      Fiber.yield()
      try send(one, "hello", to: other.localAddress)
      let received = try receiving.value
      #expect(received.text == "hello" && received.sender == one.localAddress && !received.isTruncated)
      try send(other, "back", to: received.sender)
      #expect(try receive(one).text == "back")
    }
  }

  @Test func theSameOnAPlainThread() throws {
    try onThread {
      let (one, other) = (try DatagramSocket.bind(loopback), try DatagramSocket.bind(loopback))
      try send(one, "hello", to: other.localAddress)
      #expect(try receive(other).text == "hello")
      #expect(throws: Errno.timedOut) { try receive(other, until: .after(.milliseconds(10))) }
    }
  }

  @Test func anEmptyDatagramIsOneAndNotTheEnd() throws {
    try onHub {
      let (one, other) = try DatagramSocket.pair()
      try send(one, "")
      try send(one, "after it")
      #expect(try receive(other).text == "")
      #expect(try receive(other).text == "after it")
    }
  }

  @Test func whatDoesNotFitIsToldWithItsLength() throws {
    try onHub {
      let (one, other) = (try DatagramSocket.bind(loopback), try DatagramSocket.bind(loopback))
      try send(one, "0123456789", to: other.localAddress)
      var room = [UInt8](repeating: 0, count: 4)
      let cut = try room.withUnsafeMutableBytes { try other.receive(into: $0) }
      #expect(cut.count == 4 && cut.wholeCount == 10 && cut.isTruncated)
      #expect(room == Array("0123".utf8))
      try send(one, "next", to: other.localAddress)
      #expect(try receive(other).text == "next")
    }
  }

  @Test func moreThanADatagramHoldsIsRefused() throws {
    try onHub {
      let socket = try DatagramSocket.bind(loopback)
      #expect(throws: Errno.messageTooLong) {
        try send(socket, String(repeating: "x", count: 70_000), to: socket.localAddress)
      }
    }
  }

  @Test func thatNobodyIsThereIsToldOnAConnectedSocket() throws {
    try onHub {
      let vacant = try DatagramSocket.bind(loopback).localAddress!
      let socket = try DatagramSocket(family: AF_INET)
      try socket.connect(to: vacant)
      try send(socket, "anybody?")
      #expect(throws: Errno.connectionRefused) { try receive(socket, until: .after(.seconds(20))) }
      try send(socket, "anybody?")
      try Fiber.sleep(for: .milliseconds(20))
      #expect(throws: Errno.connectionRefused) { try send(socket, "and now?") }
    }
  }

  @Test func aConnectedSocketHearsItsPeerOnly() throws {
    try onHub {
      let (one, other, stranger) = (
        try DatagramSocket.bind(loopback), try DatagramSocket.bind(loopback), try DatagramSocket.bind(loopback)
      )
      try one.connect(to: other.localAddress!)
      try send(stranger, "psst", to: one.localAddress)
      try send(other, "hello", to: one.localAddress)
      #expect(try receive(one).text == "hello")
      #expect(throws: Errno.timedOut) { try receive(one, until: .after(.milliseconds(10))) }
    }
  }

  @Test func unixDatagramsWithAndWithoutAName() throws {
    try onHub {
      let named = try DatagramSocket.bind(unixPath("named"))
      let unnamed = try DatagramSocket(family: AF_UNIX)
      try send(unnamed, "who?", to: named.localAddress)
      let received = try receive(named)
      #expect(received.text == "who?" && received.sender == nil)
      #expect(throws: Errno.connectionRefused) { try send(unnamed, "gone", to: unixPath("nobody")) }
    }
  }

  @Test func aSenderWaitsWhileAUnixPeersQueueIsFull() throws {
    for isConnected in [true, false] {
      try onHub {
        let peer = try DatagramSocket.bind(unixPath("full-\(isConnected)"))
        let socket = try DatagramSocket(family: AF_UNIX)
        if isConnected { try socket.connect(to: peer.localAddress!) }
        let target = isConnected ? nil : peer.localAddress
        let sending = Fiber.spawn { for index in 0..<1000 { try send(socket, "\(index)", to: target) } }
        Fiber.yield()
        #expect(!sending.isFinished)
        for index in 0..<1000 { #expect(try receive(peer).text == "\(index)") }
        try sending.value
        #expect(throws: Errno.timedOut) {
          while true {
            try Array("x".utf8).withUnsafeBytes { try socket.send($0, to: target, until: .after(.milliseconds(20))) }
          }
        }
      }
    }
  }

  @Test func severalReceiversGetDatagramsInTheOrderInWhichTheyAsked() throws {
    try onHub {
      let (one, other) = try DatagramSocket.pair()
      var order: [String] = []
      let receivers = (0..<4).map { index in Fiber.spawn { order.append("\(index)\(try receive(other).text)") } }
      Fiber.yield()
      for letter in ["a", "b", "c", "d"] { try send(one, letter) }
      for receiver in receivers { try receiver.value }
      #expect(order == ["0a", "1b", "2c", "3d"])
    }
  }

  // MARK: Batches

  @Test func aBatchIsSentAndReceived() throws {
    try onHub {
      let (one, other) = (try DatagramSocket.bind(loopback), try DatagramSocket.bind(loopback))
      let batch = DatagramBatch(capacity: 100, bytesEach: 16)
      let texts = (0..<100).map { $0 == 50 ? "" : "datagram \($0)" }
      for text in texts { try Array(text.utf8).withUnsafeBytes { try batch.append($0, to: other.localAddress) } }
      #expect(batch.count == 100 && batch[3].address == other.localAddress)
      #expect(throws: Errno.noBufferSpace) { try batch.append(UnsafeRawBufferPointer(start: nil, count: 0)) }
      try one.send(batch)
      #expect(batch.isEmpty)

      var received: [String] = []
      while received.count < 100 {
        let count = try other.receive(into: batch, until: .after(.seconds(20)))
        #expect(count == batch.count && count > 0)
        #expect(batch.allSatisfy { $0.address == one.localAddress && !$0.isTruncated })
        received += batch.map { String(decoding: $0.bytes, as: UTF8.self) }
      }
      #expect(received == texts)
      #expect(throws: Errno.timedOut) { try other.receive(into: batch, until: .after(.milliseconds(5))) }
    }
  }

  @Test func aBatchTellsWhatDoesNotFit() throws {
    try onHub {
      let (one, other) = try DatagramSocket.pair()
      try send(one, "0123456789")
      try send(one, "0123")
      let batch = DatagramBatch(capacity: 4, bytesEach: 5)
      #expect(try other.receive(into: batch) == 2)
      #expect(batch.map { String(decoding: $0.bytes, as: UTF8.self) } == ["01234", "0123"])
      #expect(batch.map(\.isTruncated) == [true, false])
      #expect(batch.allSatisfy { $0.address == nil })
      #expect(throws: Errno.messageTooLong) { try Array("123456".utf8).withUnsafeBytes { try batch.append($0) } }
    }
  }

  @Test func aBatchThatFailsBeginsWithWhatFailed() throws {
    try onHub {
      let socket = try DatagramSocket(family: AF_UNIX)
      let peer = try DatagramSocket.bind(unixPath("batch"))
      let batch = DatagramBatch(capacity: 3)
      for (text, address) in [
        ("sent", peer.localAddress!), ("failed", unixPath("nobody")), ("unsent", peer.localAddress!),
      ] {
        try Array(text.utf8).withUnsafeBytes { try batch.append($0, to: address) }
      }
      #expect(throws: Errno.connectionRefused) { try socket.send(batch) }
      #expect(batch.map { String(decoding: $0.bytes, as: UTF8.self) } == ["failed", "unsent"])
      #expect(try receive(peer).text == "sent")
    }
  }

  @Test func aBatchOfMoreThanAPeerHoldsWaits() throws {
    try onHub {
      let peer = try DatagramSocket.bind(unixPath("large batch"))
      let socket = try DatagramSocket(family: AF_UNIX)
      try socket.connect(to: peer.localAddress!)
      let batch = DatagramBatch(capacity: 500, bytesEach: 8)
      for index in 0..<500 { try Array("\(index)".utf8).withUnsafeBytes { try batch.append($0) } }
      let sending = Fiber.spawn { try socket.send(batch) }
      for index in 0..<500 { #expect(try receive(peer).text == "\(index)") }
      try sending.value
    }
  }

  // MARK: Multicast

  @Test func membersOfAGroupReceiveWhatIsSentToIt() throws {
    try onHub {
      let interface = if_nametoindex("lo")
      let member = try DatagramSocket.bind(SocketAddress(host: "0.0.0.0", port: 0)!)
      let group = SocketAddress(host: "239.255.77.77", port: member.localAddress!.port!)!
      try member.join(group, interface: interface)
      let sender = try DatagramSocket.bind(loopback)
      try sender.setMulticastInterface(interface)
      try sender.setMulticastHops(0)
      try sender.setMulticastLoopback(true)
      try send(sender, "to all", to: group)
      #expect(try receive(member, until: .after(.seconds(20))).text == "to all")
      try member.leave(group, interface: interface)
      try send(sender, "to all who are left", to: group)
      #expect(throws: Errno.timedOut) { try receive(member, until: .after(.milliseconds(20))) }
      #expect(throws: Errno.self) { try member.leave(group, interface: interface) }
      #expect(throws: Errno.self) { try member.join(loopback, interface: interface) }
    }
  }

  /// The loopback interface has no route for IPv6 groups: no more can be tried on this machine alone.
  @Test func groupsOfIPv6AreJoinedAndLeft() throws {
    try onHub {
      let interface = if_nametoindex("lo")
      let member = try DatagramSocket.bind(SocketAddress(host: "::", port: 0)!)
      let group = SocketAddress(host: "ff01::7777%lo", port: 0)!
      try member.join(group, interface: interface)
      #expect(throws: Errno.self) { try member.join(group, interface: interface) }
      try member.setMulticastInterface(interface)
      try member.setMulticastHops(0)
      try member.setMulticastLoopback(false)
      try member.leave(group, interface: interface)
      #expect(throws: Errno.self) { try member.leave(group, interface: interface) }
    }
  }
}
