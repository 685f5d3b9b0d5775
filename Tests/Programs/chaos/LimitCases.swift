import CaseSupport
import ChaosCalls
import Glibc
import Green
import SystemPackage

/// Lets the process open no more than `spare` descriptors while `body` runs.
private func withFewDescriptors<Result>(spare: Int, _ body: () throws -> Result) rethrows -> Result {
  var before = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
  // Numbers are given out from the lowest that is free, up to the limit.
  let free = (CInt(0)..<1024).filter { fcntl($0, F_GETFD) < 0 }
  var few = rlimit(rlim_cur: rlim_t(free[spare]), rlim_max: before.rlim_max)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &few)
  defer { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) }
  return try body()
}

/// Runs `body` while there is no stack for another fiber, and what it returns when there are some again.
private func withoutStacks(_ body: () throws -> () throws -> Void) throws {
  chaos_start(1)
  chaos([CHAOS_MMAP], failing: 1000)
  defer { chaos_stop() }
  let gate = try Pipe()
  var fillers: [Fiber<Void>] = []
  repeat {
    fillers.append(Fiber.spawn { try Readiness.wait(for: gate.reading.descriptor, .read) })
  } while !fillers.last!.isFinished
  _ = thrown { try fillers.removeLast().value }
  let rest: () throws -> Void
  do {
    defer { gate.writing.close() }
    rest = try body()
  }
  for filler in fillers { try filler.value }
  try rest()
}

let limitCases = [
  Case("a server that may open no more descriptors serves everybody in the end") {
    let server = StreamServer(try Listener.bind(loopback), handler: echo)
    var faults: [String] = []
    server.onFault = { faults.append("\($0)") }
    let clients = try (0..<20).map { _ in try Socket.connect(to: server.listener.address!) }
    for client in clients { try send(client, [1]) }
    try withFewDescriptors(spare: 3) {
      try server.start()
      try Fiber.sleep(for: .milliseconds(100))
      try expectEqual(server.openConnections, 3, "connections accepted")
      try expectEqual(faults.count, 1, "faults told")
      try expect(faults[0].contains("Too many open files"), faults[0])
    }
    for client in clients { try expectEqual(try receive(client, 1), [1], "what came back") }
    for client in clients { client.close() }
    try expectEqual(try server.stop(grace: .seconds(20)), 0, "connections cut off")
  },
  Case("a server without a stack for another fiber leaves connections in the backlog") {
    let server = StreamServer(try Listener.bind(loopback), handler: echo)
    var faults: [String] = []
    server.onFault = { faults.append("\($0)") }
    try server.start()
    try withoutStacks {
      let clients = try (0..<20).map { _ in try Socket.connect(to: server.listener.address!) }
      for client in clients { try send(client, [1]) }
      try Fiber.sleep(for: .milliseconds(50))
      try expectEqual(server.openConnections, 0, "connections accepted")
      try expectEqual(faults.count, 1, "faults told")
      try expect(faults[0].contains("tries again"), faults[0])
      return {
        for client in clients { try expectEqual(try receive(client, 1), [1], "what came back") }
        for client in clients { client.close() }
      }
    }
    try expectEqual(try server.stop(grace: .seconds(20)), 0, "connections cut off")
  },
  Case("a datagram server without a stack leaves datagrams in the kernel") {
    let server = DatagramServer(try DatagramSocket.bind(loopback)) { try $0.reply($0.bytes) }
    var faults: [String] = []
    server.onFault = { faults.append("\($0)") }
    try server.start()
    let socket = try DatagramSocket.bind(loopback)
    try withoutStacks {
      for index in UInt8(0)..<5 {
        try [index].withUnsafeBytes { try socket.send($0, to: server.socket.localAddress!) }
      }
      try Fiber.sleep(for: .milliseconds(50))
      try expectEqual(server.openHandlers, 0, "handlers begun")
      try expectEqual(faults.count, 1, "faults told")
      return {
        let answers = try (0..<5).map { _ in try gather(1) { try socket.receive(into: $0, until: soon).count } }
        try expectEqual(answers.map { $0[0] }.sorted(), [0, 1, 2, 3, 4], "answers")
      }
    }
    try server.stop()
  },
  Case("a fiber that another thread spawns while there is no stack runs when there is one") {
    let (count, remote) = (Mutex(0), Hub.current!.remote)
    try withoutStacks {
      for _ in 0..<3 { try expect(remote.spawn { count.withLock { $0 += 1 } }, "it is not taken") }
      try Fiber.sleep(for: .milliseconds(50))
      try expectEqual(count.withLock { $0 }, 0, "fibers run")
      return {
        let end = Deadline.after(.seconds(30))
        while count.withLock({ $0 }) < 3 && !end.hasPassed { try Fiber.sleep(for: .milliseconds(1)) }
        try expectEqual(count.withLock { $0 }, 3, "fibers run")
      }
    }
  },
  Case("a fiber that another thread spawns while there is no stack runs before the hub ends") {
    let count = Mutex(0)
    var failure: (any Error)?
    PlainThread {
      failure = thrown {
        try Hub.run {
          try withoutStacks {
            let remote = Hub.current!.remote
            for _ in 0..<3 { remote.spawn { count.withLock { $0 += 1 } } }
            Fiber.yield()
            return {}
          }
        }
      }
    }.join()
    try expect(failure == nil, "\(String(describing: failure))")
    try expectEqual(count.withLock { $0 }, 3, "fibers run")
  },
  Case("a hub that cannot be had is an error") {
    let before = openDescriptors()
    for spare in 0...1 {
      var failure: (any Error)?
      withFewDescriptors(spare: spare) { PlainThread { failure = thrown { try Hub.run {} } }.join() }
      try expect(failure as? Errno == .tooManyOpenFiles, "the limit gave \(String(describing: failure))")
      try expectEqual(openDescriptors(), before, "the number of open descriptors")
    }
    var failure: (any Error)?
    PlainThread {
      chaos_start(1)
      // Another way of waiting than epoll does as well.
      chaos([CHAOS_EPOLL_CREATE], failing: 1000)
      failure = thrown { try Hub.run { try Fiber.sleep(for: .milliseconds(1)) } }
      chaos_stop()
    }.join()
    try expect(failure == nil, "without epoll: \(String(describing: failure))")
    PlainThread {
      chaos_start(1)
      chaos([CHAOS_EPOLL_CTL], failing: 1000)
      failure = thrown { try Hub.run {} }
      chaos_stop()
    }.join()
    try expect("\(failure as Any)".contains("max_user_watches"), "unwatched: \(String(describing: failure))")
    try expectEqual(openDescriptors(), before, "the number of open descriptors")
  },
  Case("a kernel that never watches costs pauses, not the processor") {
    let (one, other) = try Socket.pair()
    chaos_start(1)
    chaos([CHAOS_EPOLL_CTL], failing: 1000)
    let receiving = Fiber.spawn { try receive(one, 1) }
    let late = thrown { _ = try gather(1) { try other.receive(into: $0, until: .after(.milliseconds(300))) } }
    try expect(late as? Errno == .timedOut, "the deadline gave \(String(describing: late))")
    let calls = chaos_counted(CHAOS_RECV).calls
    try expect(calls < 150, "\(calls) attempts were made in 300 ms")
    try send(other, [1])
    try expectEqual(try receiving.value, [1], "what came")
    let closing = Fiber.spawn { try receive(one, 1) }
    try Fiber.sleep(for: .milliseconds(3))
    one.close()
    let closed = thrown { _ = try closing.value }
    try expect(closed as? Errno == .badFileDescriptor, "closing gave \(String(describing: closed))")
    chaos_stop()
  },
  Case("descriptors that cannot be received are told of and leak nothing") {
    let (one, other) = try Socket.pair()
    let before = openDescriptors()
    let many = [CInt](repeating: 0, count: 10)
    try [UInt8(7)].withUnsafeBytes { try one.send($0, descriptors: many) }
    var room: [UInt8] = [0]
    let received = try withFewDescriptors(spare: 4) {
      try room.withUnsafeMutableBytes { try other.receiveDescriptors(into: $0) }
    }
    try expectEqual(room[0], 7, "the byte")
    try expect(received.isTruncated, "nothing was told")
    try expect(received.descriptors.count <= 4, "\(received.descriptors.count) descriptors")
    for descriptor in received.descriptors { close(descriptor) }
    try expectEqual(openDescriptors(), before, "the number of open descriptors")
  },
]
