import CaseSupport
import ChaosCalls
import Glibc
import Green
import SystemPackage

/// An echo server and clients that talk to it, all at once; every byte comes back once.
private func talk(_ address: SocketAddress) throws {
  let server = StreamServer(try Listener.bind(address), handler: echo)
  try server.start()
  let target = server.listener.address!
  try together(
    (0..<8).map { client in
      {
        let socket = try Socket.connect(to: target, until: soon)
        defer { socket.close() }
        for (round, size) in [1, 10, 5000, 60_000].enumerated() {
          let bytes = pattern(size, client * 10 + round)
          let sending = Fiber.spawn { try send(socket, bytes) }
          try expect(try receive(socket, size) == bytes, "client \(client) got other bytes in round \(round)")
          try sending.value
        }
        socket.shutdown(CInt(SHUT_WR))
        try expectEqual(try receive(socket, 1).count, 0, "bytes after the last")
      }
    })
  try expectEqual(try server.stop(grace: .seconds(20)), 0, "connections cut off")
}

/// Through a pipe, both ends at once; every byte once.
private func pump() throws {
  let pipe = try Pipe()
  let bytes = pattern(300_000)
  let writing = Fiber.spawn {
    for part in stride(from: 0, to: bytes.count, by: 7000) {
      try Array(bytes[part..<min(bytes.count, part + 7000)]).withUnsafeBytes {
        try pipe.writing.write($0, until: soon)
      }
    }
    pipe.writing.close()
  }
  let all = try gather(bytes.count + 1) { try pipe.reading.read(into: $0, until: soon) }
  try writing.value
  try expect(all == bytes, "other bytes came through the pipe")
  let broken = try Pipe()
  broken.reading.close()
  let error = thrown { try bytes.withUnsafeBytes { try broken.writing.write($0) } }
  try expect(error as? Errno == .brokenPipe, "a pipe that nobody reads gave \(String(describing: error))")
}

let passingCases = [
  Case.seeded("TCP connections") {
    chaosThatPasses()
    try talk(loopback)
    try expect(injected([CHAOS_RECV, CHAOS_SEND, CHAOS_ACCEPT, CHAOS_EPOLL_WAIT]) > 100, "too little went wrong")
    try expect(injected([CHAOS_CONNECT]) > 0 || chaos_counted(CHAOS_CONNECT).calls < 20, "connect was spared")
  },
  Case.seeded("Unix domain connections") {
    chaosThatPasses()
    try talk(SocketAddress(unixPath: "@greenfinch-chaos-\(getpid())")!)
  },
  Case.seeded("pipes") {
    chaosThatPasses()
    try pump()
    try expect(injected([CHAOS_PREADV2, CHAOS_PWRITEV2]) > 10, "too little went wrong")
  },
  Case.seeded("pipes of a kernel that cannot try them") {
    chaosThatPasses()
    chaos_lacks(true, false)
    try pump()
    try expect(injected([CHAOS_READ, CHAOS_WRITEV, CHAOS_POLL]) > 10, "too little went wrong")
  },
  Case.seeded("pipes of a kernel that cannot keep SIGPIPE back") {
    chaosThatPasses()
    chaos_lacks(false, true)
    try pump()
  },
  Case.seeded("bytes in parts, and peeking") {
    chaosThatPasses()
    let (one, other) = try Socket.pair()
    try one.setOption(.sendBufferSize, to: 10_000)
    let bytes = pattern(200_000)
    let sending = Fiber.spawn {
      try bytes.withUnsafeBytes { all in
        let parts = (0..<2000).map { UnsafeRawBufferPointer(rebasing: all[$0 * 100..<($0 + 1) * 100]) }
        try one.send(parts, until: soon)
      }
      one.close()
    }
    let all = try gather(bytes.count + 1) { room in
      let peeked = try other.peek(into: UnsafeMutableRawBufferPointer(rebasing: room.prefix(3)), until: soon)
      let first = Array(room.prefix(peeked))
      let split = min(room.count, 999)
      let count = try other.receive(
        into: [.init(rebasing: room[..<split]), .init(rebasing: room[split...])], until: soon)
      try expect(zip(first, room.prefix(count)).allSatisfy { $0 == $1 }, "peeked at other bytes")
      return count
    }
    try sending.value
    try expect(all == bytes, "other bytes came")
    try expect(injected([CHAOS_RECVMSG, CHAOS_SENDMSG]) > 3, "too little went wrong")
  },
  Case.seeded("files") {
    chaosThatPasses()
    let bytes = pattern(400_000)
    var name = Array("/tmp/greenfinch-chaos-XXXXXX".utf8CString)
    let file = DescriptorStream(adopting: mkstemp(&name))
    unlink(name)
    try bytes.withUnsafeBytes { try file.write($0) }
    let (one, other) = try Socket.pair()
    let sending = Fiber.spawn {
      let count = try one.sendFile(file.descriptor, offset: 1000, count: bytes.count, until: soon)
      one.close()
      return count
    }
    try expect(try receive(other, bytes.count) == Array(bytes[1000...]), "other bytes came")
    try expectEqual(try sending.value, bytes.count - 1000, "bytes sent")
  },
  Case.seeded("datagrams, one by one and in batches") {
    chaosThatPasses()
    let (one, other) = try DatagramSocket.pair()
    let texts = (0..<300).map { pattern($0 % 50, $0) }
    let sending = Fiber.spawn {
      let batch = DatagramBatch(capacity: 20, bytesEach: 64)
      for text in texts[..<100] { try text.withUnsafeBytes { try one.send($0, until: soon) } }
      for text in texts[100...] {
        try text.withUnsafeBytes { try batch.append($0) }
        if batch.count == 20 { try one.send(batch, until: soon) }
      }
    }
    var received: [[UInt8]] = []
    var room = [UInt8](repeating: 0, count: 64)
    let batch = DatagramBatch(capacity: 7, bytesEach: 64)
    while received.count < texts.count {
      if received.count % 2 == 0 {
        let count = try room.withUnsafeMutableBytes { try other.receive(into: $0, until: soon).count }
        received.append(Array(room[..<count]))
      } else {
        try other.receive(into: batch, until: soon)
        received += batch.map { Array($0.bytes) }
      }
    }
    try sending.value
    try expect(received == texts, "other datagrams came")
  },
  Case.seeded("descriptors beside bytes") {
    chaosThatPasses()
    let (one, other) = try Socket.pair()
    for round in 0..<20 {
      let pipe = try Pipe()
      let bytes = pattern(1000, round)
      let sending = Fiber.spawn {
        try bytes.withUnsafeBytes { try one.send($0, descriptors: [pipe.writing.descriptor], until: soon) }
      }
      var descriptors: [CInt] = []
      let all = try gather(bytes.count) {
        let received = try other.receiveDescriptors(into: $0, until: soon)
        descriptors += received.descriptors
        return received.count
      }
      try sending.value
      try expect(all == bytes, "other bytes came")
      try expectEqual(descriptors.count, 1, "descriptors received")
      let copy = DescriptorStream(adopting: descriptors[0])
      try bytes.withUnsafeBytes { try copy.write($0, until: soon) }
      try expect(try gather(bytes.count) { try pipe.reading.read(into: $0, until: soon) } == bytes, "not the same pipe")
    }
  },
  Case("plain threads") {
    let before = openDescriptors()
    var failure: (any Error)?
    PlainThread {
      do {
        for seed in UInt64(1)...5 {
          chaos_start(seed)
          chaosThatPasses()
          let listener = try Listener.bind(loopback)
          for round in 0..<50 {
            let client = try Socket.connect(toAnyOf: [listener.address!], until: soon)
            let server = try listener.accept(until: soon)
            let bytes = pattern(2000, round)
            try send(client, bytes)
            try expect(try receive(server, bytes.count) == bytes, "other bytes came with seed \(seed)")
            let late = thrown { _ = try gather(1) { try server.receive(into: $0, until: .after(.milliseconds(1))) } }
            try expect(late as? Errno == .timedOut, "the deadline gave \(String(describing: late))")
            try Fiber.sleep(for: .milliseconds(1))
          }
          try expect(injected([CHAOS_PPOLL]) > 0, "no wait was interrupted")
        }
      } catch {
        failure = error
      }
      chaos_stop()
    }.join()
    if let failure { throw failure }
    try expectEqual(openDescriptors(), before, "the number of open descriptors")
  },
]
