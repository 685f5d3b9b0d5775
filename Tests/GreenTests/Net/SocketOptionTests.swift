import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct SocketOptionTests {
  private func sets<Value: Equatable & Sendable>(
    _ socket: some SocketHandle, _ option: SocketOption<Value>, _ value: Value, reads expected: Value? = nil
  ) throws {
    try socket.setOption(option, to: value)
    let read = try socket.option(option)
    #expect(read == expected ?? value, "\(option.name)")
  }

  @Test func whatIsSetIsRead() throws {
    try onHub {
      let (client, server) = try connectedPair()
      #expect(try client.option(.noDelay))
      #expect(try server.option(.noDelay))
      try sets(client, .noDelay, false)
      try sets(client, .keepAlive, true)
      try sets(client, .keepAliveIdle, .seconds(30))
      try sets(client, .keepAliveInterval, .seconds(5))
      try sets(client, .keepAliveCount, 3)
      try sets(client, .userTimeout, .milliseconds(1500))
      try sets(client, .cork, true)
      try sets(client, .cork, false)
      try sets(client, .notSentLowWatermark, 16_384)
      try sets(client, .quickAck, false)
      try sets(client, .priority, 2)
      try sets(client, .typeOfService, 0x10)
      try sets(client, .receiveBufferSize, 20_000, reads: 40_000)
      try sets(client, .sendBufferSize, 20_000, reads: 40_000)
      try sets(client, .linger, .seconds(7))
      try sets(client, .linger, .zero)
      try sets(client, .linger, nil)
      try sets(client, .congestionControl, try client.option(.congestionControl))
      #expect(try client.option(.congestionControl) != "")
      #expect(try client.option(.pendingError) == nil)
      #expect(try client.option(.maximumSegment) > 0)
      #expect(try server.option(.incomingCPU) >= 0)
    }
  }

  @Test func optionsThatMustBeSetBeforeBinding() throws {
    try onHub {
      let first = try Listener.bind(loopback) { try $0.setOption(.reusePort, to: true) }
      let second = try Listener.bind(first.address!) { try $0.setOption(.reusePort, to: true) }
      #expect(second.address == first.address)
      let alone = try Listener.bind(loopback6) {
        try $0.setOption(.ipv6Only, to: true)
        try $0.setOption(.deferAccept, to: .seconds(1))
        try $0.setOption(.fastOpenQueue, to: 16)
      }
      #expect(try alone.option(.ipv6Only))
      #expect(try alone.option(.deferAccept) > .zero)
      let datagrams = try DatagramSocket.bind(loopback) { try $0.setOption(.broadcast, to: true) }
      #expect(try datagrams.option(.broadcast))
    }
  }

  @Test func timesAreRoundedUp() throws {
    try onHub {
      let (client, _) = try connectedPair()
      try sets(client, .keepAliveIdle, .milliseconds(1001), reads: .seconds(2))
      try sets(client, .linger, .milliseconds(1), reads: .seconds(1))
    }
  }

  @Test func aValueThatCannotBeSetIsToldWithItsName() throws {
    try onHub {
      let (client, _) = try connectedPair()
      let refused: [(any Error)?] = [
        thrown { try client.setOption(.keepAliveIdle, to: .seconds(-1)) },
        thrown { try client.setOption(.keepAliveIdle, to: .seconds(1 << 40)) },
        thrown { try client.setOption(.keepAliveCount, to: 1_000_000) },
        thrown { try client.setOption(.receiveBufferSize, to: .max) },
        thrown { try client.setOption(.congestionControl, to: "no such algorithm") },
        thrown { try client.setOption(.linger, to: .seconds(-1)) },
        thrown { try client.setOption(.pendingError, to: nil) },
      ]
      #expect(refused.allSatisfy { $0 is SocketOptionError })
      #expect("\(refused[2]!)" == "the socket option TCP_KEEPCNT cannot be set to 1000000: Invalid argument")
      client.close()
      let error = thrown { _ = try client.option(.noDelay) }
      #expect("\(error!)" == "the socket option TCP_NODELAY cannot be read: Bad file descriptor")
    }
  }

  @Test func whatIsAcceptedSendsAtOnceWhetherItsListenerWasToldOrNot() throws {
    try onHub {
      for isTold in [true, false] {
        let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
        try listener.setOption(.noDelay, to: isTold)
        let inherited = Listener(adopting: dup(listener.descriptor))
        let client = try Socket.connect(to: inherited.address!)
        #expect(try inherited.accept().option(.noDelay), "the listener: \(isTold)")
        client.close()
      }
    }
  }
}
