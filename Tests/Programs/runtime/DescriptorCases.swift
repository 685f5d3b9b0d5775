import CaseSupport
import Glibc
import Green

/// Waits for sockets that `close` takes away between the fiber's look and the kernel's: so often, or for ten seconds, since
/// where a processor has other work each of the waits may take milliseconds.
private func closedMeanwhile(rounds: Int, _ close: @escaping @Sendable (CInt) -> Void) throws {
  let end = Deadline.after(.seconds(10))
  for round in 0..<rounds where round < 100 || !end.hasPassed {
    var pair: [CInt] = [-1, -1]
    try expectEqual(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair), 0)
    let (one, other) = (pair[0], pair[1])
    let closing = startThread { close(one) }
    for _ in 0..<20 { try? Readiness.wait(for: one, .read, until: .after(.microseconds(50))) }
    joinThread(closing)
    try expectEqual(Glibc.close(other), 0)
  }
}

private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
  final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    {
      Unmanaged<Body>.fromOpaque($0!).takeRetainedValue().run()
      return nil
    }, Unmanaged.passRetained(Body(body)).toOpaque())
  return thread
}

private func joinThread(_ thread: pthread_t) { pthread_join(thread, nil) }

private func expectRefused(_ descriptor: CInt) throws {
  let error = thrown { try Readiness.wait(for: descriptor, .read, until: .after(.seconds(5))) }
  try expectEqual(error ?? "", "Bad file descriptor")
}

/// How many of `count` fibers, whose descriptors become ready at once and which then take half a millisecond each, have run
/// when the loop looks next.
private func ranBeforeNextLook(of descriptors: [CInt], wake: () -> Void) throws -> Int {
  var (turnOfFirst, ran, ranAtNext): (UInt64?, Int, Int?) = (nil, 0, nil)
  let fibers = descriptors.map { descriptor in
    Fiber.spawn {
      try Readiness.wait(for: descriptor, .read)
      let end = Deadline.after(.microseconds(500))
      let turn = Hub.current!.counters.turns
      if turnOfFirst == nil { turnOfFirst = turn }
      if turn != turnOfFirst && ranAtNext == nil { ranAtNext = ran }
      ran += 1
      while !end.hasPassed && ranAtNext == nil {}
    }
  }
  Fiber.yield()
  wake()
  for fiber in fibers { try fiber.value }
  return ranAtNext ?? ran
}

let descriptorCases = [
  Case("however many descriptors were ready, the loop looks again within a tenth of a second") {
    let count = 4000
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var before = rlimit()
    getrlimit(resource, &before)
    var limit = rlimit(rlim_cur: min(before.rlim_max, 2 * rlim_t(count)), rlim_max: before.rlim_max)
    setrlimit(resource, &limit)
    defer { setrlimit(resource, &before) }
    let (read, write) = makePipe()
    let descriptors = (0..<count).map { _ in dup(read) }
    defer { for descriptor in [read, write] + descriptors { close(descriptor) } }
    try expect(descriptors.last! > 0, "too few descriptors")
    // libev asks for more at a time each time that it was given as many as it asked for.
    for _ in 0..<12 {
      let fibers = descriptors.map { descriptor in Fiber.spawn { try Readiness.wait(for: descriptor, .read) } }
      Fiber.yield()
      var byte: UInt8 = 0
      Glibc.write(write, &byte, 1)
      for fiber in fibers { try fiber.value }
      Glibc.read(read, &byte, 1)
    }
    let ran = try ranBeforeNextLook(of: descriptors) {
      var byte: UInt8 = 0
      Glibc.write(write, &byte, 1)
    }
    // Of more than 200 the processor was taken away meanwhile; without the limit it is 840.
    try expect(ran <= 400, "\(ran) fibers ran before it looked")
  },
  Case("a thread closes descriptors that a fiber is about to wait for") {
    try closedMeanwhile(rounds: 3000) { _ = close($0) }
  },
  Case("a second hub closes descriptors that a fiber is about to wait for") {
    try closedMeanwhile(rounds: 1000) { descriptor in
      try? Hub.run { _ = Fiber.spawn { _ = close(descriptor) } }
    }
  },
  Case("descriptors are replaced that a fiber is about to wait for") {
    let null = open("/dev/null", O_RDONLY)
    try closedMeanwhile(rounds: 1000) {
      _ = dup2(null, $0)
      _ = close($0)
    }
  },
  Case("numbers that are not open are bad descriptors, however large") {
    for descriptor: CInt in [-1, 900, 60_000, 1_000_000_000, .max] { try expectRefused(descriptor) }
    let opened = dup(0)
    try expectEqual(close(opened), 0)
    try expectRefused(opened)
  },
  Case("a loop does not watch its own descriptor") {
    let own = (3..<20).filter { linkTarget($0) == "anon_inode:[eventpoll]" }
    // The other backends have none.
    try expectEqual(own.count, getenv("GREEN_BACKEND") == nil ? 1 : own.count)
    for descriptor in own { try expectRefused(descriptor) }
  },
  Case("a forked child does not wait for what its parent's thread has closed") {
    var pair: [CInt] = [-1, -1]
    try expectEqual(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair), 0)
    let one = pair[0]
    let waiting = Fiber.spawn { try? Readiness.wait(for: one, .read, until: .after(.milliseconds(200))) }
    try Fiber.sleep(for: .milliseconds(5))
    joinThread(startThread { _ = close(one) })
    let child = fork()
    if child == 0 {
      try? Readiness.wait(for: one, .read, until: .after(.milliseconds(20)))
      _exit(7)
    }
    try expectEqual(try ChildProcess(adopting: child).wait(), .exited(7))
    _ = try waiting.value
  },
]

private func linkTarget(_ descriptor: CInt) -> String {
  var bytes = [UInt8](repeating: 0, count: 64)
  let count = bytes.withUnsafeMutableBytes {
    readlink("/proc/self/fd/\(descriptor)", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
  }
  return count < 0 ? "" : String(decoding: bytes.prefix(count), as: UTF8.self)
}
