import CaseSupport
import ChaosCalls
import Glibc
import Green
import SystemPackage

let failingCases = [
  Case.seeded("every error of a connection reaches its caller") {
    chaosThatPasses()
    chaos([CHAOS_RECV, CHAOS_SEND], passing: 100, less: 200, failing: 20)
    let listener = try Listener.bind(loopback)
    for round in 0..<60 {
      let client = try Socket.connect(to: listener.address!, until: soon)
      let server = try listener.accept(until: soon)
      let bytes = pattern(20_000, round)
      let before = failures(of: [CHAOS_RECV, CHAOS_SEND])
      let sending = Fiber.spawn {
        // Ends the stream also where the sending failed: the receiver sees what was sent, and then the end.
        defer { client.close() }
        return thrown { try send(client, bytes) }
      }
      var received: [UInt8] = []
      var room = [UInt8](repeating: 0, count: 2000)
      let receiving = thrown {
        while case let count = try room.withUnsafeMutableBytes({ try server.receive(into: $0, until: soon) }), count > 0
        {
          received += room[..<count]
        }
      }
      server.close()
      let sent = try sending.value
      try expect(received == Array(bytes.prefix(received.count)), "other bytes came in round \(round)")
      if sent == nil && receiving == nil { try expectEqual(received.count, bytes.count, "bytes received") }
      let injected = failures(of: [CHAOS_RECV, CHAOS_SEND]) - before
      // Where the receiver gave up, the kernel may tell the sender so by an error of its own.
      let least = receiving != nil || sent != nil ? 1 : 0
      let most = (receiving != nil ? 1 : 0) + (sent != nil ? 1 : 0)
      try expect(injected >= least && injected <= most, "\(injected) errors, seen: \(most)")
    }
    try expect(failures(of: [CHAOS_RECV, CHAOS_SEND]) > 10, "too little went wrong")
  },
  Case.seeded("every call reports its own errors") {
    let (one, other) = try Socket.pair()
    let (first, second) = try DatagramSocket.pair()
    let pipe = try Pipe()
    let byte: [UInt8] = [1]
    let batch = DatagramBatch(capacity: 1)
    var room: [UInt8] = [0]
    func into(_ receive: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
      try room.withUnsafeMutableBytes { try receive($0) }
    }
    let file = open("/proc/self/exe", O_RDONLY)
    defer { close(file) }
    let calls: [(call: chaos_call, undo: () throws -> Void, body: () throws -> Void)] = [
      (CHAOS_RECV, { try send(other, byte) }, { try into { _ = try one.receive(into: $0) } }),
      (CHAOS_RECVMSG, { try send(other, byte) }, { try into { _ = try one.receive(into: [$0]) } }),
      (CHAOS_RECVMSG, { try send(other, byte) }, { try into { _ = try one.receiveDescriptors(into: $0) } }),
      (CHAOS_SEND, {}, { try send(one, byte) }),
      (CHAOS_SENDMSG, {}, { try byte.withUnsafeBytes { try one.send([$0]) } }),
      (CHAOS_SENDMSG, {}, { try byte.withUnsafeBytes { try one.send($0, descriptors: [0]) } }),
      (CHAOS_SENDFILE, {}, { _ = try one.sendFile(file, offset: 0, count: 1) }),
      (
        CHAOS_RECVFROM, { try byte.withUnsafeBytes { try second.send($0) } },
        { try into { _ = try first.receive(into: $0) } }
      ),
      (
        CHAOS_RECVMMSG, { try byte.withUnsafeBytes { try second.send($0) } }, { try first.receive(into: batch) }
      ),
      (CHAOS_SENDTO, {}, { try byte.withUnsafeBytes { try second.send($0) } }),
      (
        CHAOS_SENDMMSG, {},
        {
          if batch.isEmpty { try byte.withUnsafeBytes { try batch.append($0) } }
          try second.send(batch)
        }
      ),
      (
        CHAOS_PREADV2, { try byte.withUnsafeBytes { try pipe.writing.write($0) } },
        { try into { _ = try pipe.reading.read(into: $0) } }
      ),
      (CHAOS_PWRITEV2, {}, { try byte.withUnsafeBytes { try pipe.writing.write($0) } }),
      (CHAOS_SOCKETPAIR, {}, { _ = try Socket.pair() }),
      (CHAOS_SOCKETPAIR, {}, { _ = try DatagramSocket.pair() }),
      (CHAOS_PIPE, {}, { _ = try Pipe() }),
      (CHAOS_SOCKET, {}, { _ = try Listener.bind(loopback) }),
      (CHAOS_SOCKET, {}, { _ = try DatagramSocket.bind(loopback) }),
    ]
    for (index, (call, undo, body)) in calls.enumerated() {
      batch.removeAll()
      chaos([call], failing: 500)
      let before = failures(of: [call])
      var seen = 0
      for _ in 0..<20 {
        chaos([call])
        try undo()
        chaos([call], failing: 500)
        if thrown(body) is Errno { seen += 1 }
      }
      chaos([call])
      try expectEqual(seen, failures(of: [call]) - before, "errors seen of call \(index)")
      try expect(seen > 0, "call \(index) never failed")
    }
  },
  Case.seeded("connecting tells of each address what went wrong") {
    chaosThatPasses()
    chaos([CHAOS_CONNECT], passing: 200, failing: 400)
    chaos([CHAOS_SOCKET, CHAOS_GETSOCKOPT], failing: 100)
    chaos([CHAOS_POLL], passing: 200)
    let calls = [CHAOS_CONNECT, CHAOS_SOCKET, CHAOS_GETSOCKOPT]
    let (_, listeners) = persistently { try (0..<4).map { _ in try Listener.bind(loopback) } }
    // They listen until the end, and not only until their last use.
    defer { withExtendedLifetime(listeners) {} }
    let addresses = listeners.map { $0.address! }
    var (connected, lost) = (0, 0)
    for _ in 0..<60 {
      let before = failures(of: calls)
      do {
        let socket = try Socket.connect(toAnyOf: addresses, until: soon)
        try expect(addresses.contains(socket.peer!), "connected to \(socket.peerDescription)")
        connected += 1
      } catch let error as ConnectError {
        try expectEqual(error.attempts.count, addresses.count, "attempts told of")
        try expectEqual(failures(of: calls) - before, addresses.count, "attempts that failed")
        lost += 1
      }
    }
    try expect(connected > 30, "only \(connected) were connected, \(lost) were not")
  },
  Case.seeded("a listener's errors reach its caller and lose no connection") {
    chaosThatPasses()
    chaos([CHAOS_ACCEPT], passing: 200, failing: 300)
    let listener = try Listener.bind(loopback)
    var seen = 0
    for _ in 0..<50 {
      let client = try Socket.connect(to: listener.address!, until: soon)
      let (failed, server) = persistently { try listener.accept(until: soon) }
      seen += failed
      try expectEqual(server.peer, client.localAddress, "the connection accepted")
    }
    try expectEqual(seen, failures(of: [CHAOS_ACCEPT]), "errors seen")
    try expect(seen > 5, "too little went wrong")
  },
  Case.seeded("a server goes on when nothing can be accepted for a while") {
    chaosThatPasses()
    chaos([CHAOS_ACCEPT], passing: 200, failing: 500)
    let server = StreamServer(try Listener.bind(loopback), handler: echo)
    var faults: [String] = []
    server.onFault = { faults.append("\($0)") }
    try server.start()
    try together(
      (0..<10).map { client in
        {
          let socket = try Socket.connect(to: server.listener.address!, until: soon)
          let bytes = pattern(100, client)
          try send(socket, bytes)
          try expect(try receive(socket, 100) == bytes, "other bytes came")
        }
      })
    try expectEqual(try server.stop(grace: .seconds(20)), 0, "connections cut off")
    let failures = failures(of: [CHAOS_ACCEPT])
    try expect(!faults.isEmpty && faults.count <= failures, "\(faults.count) faults told of \(failures)")
    try expect(faults.allSatisfy { $0.contains("tries again") }, "\(faults)")
  },
  Case.seeded("what the kernel will not watch is waited for all the same") {
    chaosThatPasses()
    // Short calls make many waits, and each that the kernel refuses takes 10 ms.
    chaos(carrying, passing: 100, less: 50)
    chaos([CHAOS_EPOLL_CTL], failing: 500)
    let listener = try Listener.bind(loopback)
    for round in 0..<5 {
      let accepting = Fiber.spawn { try listener.accept(until: soon) }
      let client = try Socket.connect(toAnyOf: [listener.address!], until: soon)
      let server = try accepting.value
      let answering = Fiber.spawn { try echo(server) }
      let bytes = pattern(20_000, round)
      let sending = Fiber.spawn { try send(client, bytes) }
      try expect(try receive(client, bytes.count) == bytes, "other bytes came")
      try sending.value
      client.close()
      try answering.value
    }
    try expect(injected([CHAOS_EPOLL_CTL]) > 0, "nothing went wrong")
  },
]
