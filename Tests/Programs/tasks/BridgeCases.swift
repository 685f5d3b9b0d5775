import CaseSupport
import Glibc
import Green
import GreenTasks

// Green's channels, signals and sockets in tasks.

private let loopback = SocketAddress(host: "127.0.0.1", port: 0)!

/// Runs `body` in a task, and in an actor's.
private func inTaskAndActor(_ body: @escaping @Sendable () async throws -> Void) throws {
  try Fiber.await(body)
  try Fiber.await { try await Elsewhere().perform(body) }
}

private actor Elsewhere {
  func perform(_ body: @Sendable () async throws -> Void) async throws { try await body() }
}

private func cancelCurrentTask() { withUnsafeCurrentTask { $0?.cancel() } }

let bridgeCases = [
  Case("one channel is used by fibers and tasks") {
    let channel = Channel<Int>(capacity: 2)
    let sending = Fiber.spawn {
      for number in 0..<50 { try channel.send(number) }
    }
    let sum = try Fiber.await {
      let others = Task { for number in 50..<100 { try await channel.send(number) } }
      var (sum, count) = (0, 0)
      for try await number in channel.values {
        sum += number
        count += 1
        if count == 100 { channel.close() }
      }
      try await others.value
      return sum
    }
    try sending.value
    try expectEqual(sum, 4950)
  },
  Case("cancelling a task ends its wait for a channel, and loses no element") {
    let channel = Channel<Int>()
    try Fiber.await {
      let waiting = Task { try await channel.receive() }
      try await Task.sleep(for: .milliseconds(5))
      waiting.cancel()
      do {
        _ = try await waiting.value
        throw Failure(description: "the wait went on")
      } catch is CancellationError {}
      async let received = channel.receive()
      try await channel.send(5)
      try expectEqual(try await received, 5)
      channel.close()
      try expectEqual(try await channel.receive(), nil)
      do {
        try await channel.send(6)
        throw Failure(description: "sent into a closed channel")
      } catch is ChannelClosed {}
    }
  },
  Case("a loop over a channel ends when its task is cancelled, also where there are elements") {
    let channel = Channel<Int>(capacity: 3)
    for number in 0..<3 { try channel.send(number) }
    try Fiber.await {
      do {
        try await Task { for try await _ in channel.values { cancelCurrentTask() } }.value
        throw Failure(description: "the loop went on")
      } catch is CancellationError {}
    }
    try expectEqual(channel.tryReceive(), 1, "the next element")
  },
  Case("a loop over a socket's bytes ends when its task is cancelled, also where there are bytes") {
    try Fiber.await {
      nonisolated(unsafe) let (one, other) = try Socket.pair()
      try await other.send([1, 2, 3])
      do {
        try await Task { for try await _ in one.chunks(upTo: 1) { cancelCurrentTask() } }.value
        throw Failure(description: "the loop went on")
      } catch is CancellationError {}
      try expectEqual(try await one.receive(upTo: 1), [2])
    }
  },
  Case("an actor that waits for a channel is free meanwhile") {
    guard TaskRuntime.mode == .process else { return }
    actor Mailbox {
      let channel = Channel<Int>()
      func wait() async throws -> Int? { try await channel.receive() }
      func put(_ number: Int) async throws { try await channel.send(number) }
    }
    try Fiber.await {
      let mailbox = Mailbox()
      async let received = mailbox.wait()
      try await Task.sleep(for: .milliseconds(5))
      try await mailbox.put(3)
      try expectEqual(try await received, 3)
    }
  },
  Case("signals are awaited") {
    try inTaskAndActor {
      let signals = try Signals(.user1, .user2)
      kill(getpid(), SIGUSR1)
      try expectEqual(try await signals.next(), .user1)
      Task {
        try await Task.sleep(for: .milliseconds(5))
        kill(getpid(), SIGUSR2)
      }
      for try await signal in signals.values {
        try expectEqual(signal, .user2)
        break
      }
      signals.close()
    }
  },
  Case("sockets are used by tasks: connections, bytes and their end") {
    try inTaskAndActor {
      nonisolated(unsafe) let listener = try Listener.bind(loopback)
      let address = listener.address!
      let server = Task {
        var count = 0
        for try await connection in listener.connections {
          count += 1
          for try await chunk in connection.chunks(upTo: 100) { try await connection.send(chunk) }
          connection.close()
          if count == 3 { break }
        }
      }
      for round in 0..<3 {
        let client = try await Socket.connect(to: address)
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 + round) }
        try await client.send(bytes)
        client.shutdown(CInt(SHUT_WR))
        var received: [UInt8] = []
        for try await chunk in client.chunks() { received += chunk }
        try expect(received == bytes, "other bytes came back")
        client.close()
      }
      try await server.value
    }
  },
  Case("cancelling a task ends its wait for a socket, which goes on working") {
    try Fiber.await {
      nonisolated(unsafe) let (one, other) = try Socket.pair()
      let waiting = Task { try await one.receive(upTo: 10) }
      try await Task.sleep(for: .milliseconds(5))
      waiting.cancel()
      do {
        _ = try await waiting.value
        throw Failure(description: "the wait went on")
      } catch is CancellationError {}
      try await other.send([1, 2, 3])
      try expectEqual(try await one.receive(upTo: 10), [1, 2, 3])
    }
  },
  Case("datagrams are awaited") {
    try inTaskAndActor {
      let (one, other) = (try DatagramSocket.bind(loopback), try DatagramSocket.bind(loopback))
      try await one.send([1, 2], to: other.localAddress!)
      let datagram = try await other.receive()
      try expect(datagram.bytes == [1, 2] && datagram.sender == one.localAddress, "\(datagram)")
    }
  },
]
