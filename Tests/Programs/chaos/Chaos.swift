import CaseSupport
import ChaosCalls
import Glibc
import Green
import SystemPackage

/// The seeds that a case is run with: `GREEN_CHAOS_SEED` alone, or the first `GREEN_CHAOS_SEEDS`, five without it.
private let seeds: [UInt64] = {
  if let text = getenv("GREEN_CHAOS_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
  let count = getenv("GREEN_CHAOS_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 5
  return Array(1...max(1, count))
}()

extension Case {
  /// A case that is run in a hub with every seed. Afterwards no descriptor may be left.
  static func seeded(_ name: String, _ body: @escaping @Sendable () throws -> Void) -> Case {
    Case(name) {
      for seed in seeds {
        alarm(120)
        let before = openDescriptors()
        chaos_start(seed)
        defer { chaos_stop() }
        do {
          try body()
          chaos_stop()
          // What has ended is closed by now, or as soon as the fibers that held it have run to their end.
          for _ in 0..<10 { Fiber.yield() }
          try expectEqual(openDescriptors(), before, "the number of open descriptors")
        } catch {
          throw Failure(description: "with GREEN_CHAOS_SEED=\(seed): \(error)")
        }
      }
    }
  }
}

func openDescriptors() -> Int {
  var count = 0
  for descriptor in CInt(0)..<1024 where fcntl(descriptor, F_GETFD) >= 0 { count += 1 }
  return count
}

/// Rates for several calls.
func chaos(_ calls: [chaos_call], passing: UInt32 = 0, less: UInt32 = 0, failing: UInt32 = 0) {
  for call in calls { chaos_set(call, chaos_rates(passing: passing, less: less, failing: failing)) }
}

/// What every caller is to be spared: interruptions, spurious failures, short calls.
func chaosThatPasses() {
  chaos(carrying, passing: 200, less: 300)
  chaos([CHAOS_ACCEPT, CHAOS_CONNECT, CHAOS_CLOSE, CHAOS_POLL, CHAOS_PPOLL, CHAOS_SLEEP], passing: 300)
  chaos([CHAOS_EPOLL_WAIT], passing: 200, less: 300)
}

let carrying = [
  CHAOS_RECV, CHAOS_SEND, CHAOS_RECVMSG, CHAOS_SENDMSG, CHAOS_RECVFROM, CHAOS_SENDTO, CHAOS_RECVMMSG, CHAOS_SENDMMSG,
  CHAOS_SENDFILE, CHAOS_READ, CHAOS_WRITE, CHAOS_WRITEV, CHAOS_PREAD, CHAOS_PREADV2, CHAOS_PWRITEV2,
]

/// How many errors were injected that somebody must have seen.
func failures(of calls: [chaos_call]) -> Int { calls.reduce(0) { $0 + Int(chaos_counted($1).failing) } }

func injected(_ calls: [chaos_call]) -> Int {
  calls.reduce(0) { $0 + Int(chaos_counted($1).passing + chaos_counted($1).less + chaos_counted($1).failing) }
}

/// Bytes that show where they belong.
func pattern(_ count: Int, _ key: Int = 0) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 &+ key &* 40_503) >> 7) }
}

let loopback = SocketAddress(host: "127.0.0.1", port: 0)!

/// A deadline that a case never meets unless something hangs.
var soon: Deadline { .after(.seconds(30)) }

/// Receives until there are so many bytes, or the stream ends.
func receive(_ socket: Socket, _ count: Int) throws -> [UInt8] {
  try gather(count) { try socket.receive(into: $0, until: soon) }
}

func gather(_ count: Int, _ receive: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> [UInt8] {
  var all = [UInt8](repeating: 0, count: count)
  var done = 0
  while done < count {
    let more = try all.withUnsafeMutableBytes { try receive(UnsafeMutableRawBufferPointer(rebasing: $0[done...])) }
    if more == 0 { break }
    done += more
  }
  return Array(all[..<done])
}

func send(_ socket: Socket, _ bytes: [UInt8]) throws {
  try bytes.withUnsafeBytes { try socket.send($0, until: soon) }
}

/// Sends back what comes, until the end of the stream.
func echo(_ socket: Socket) throws {
  var buffer = [UInt8](repeating: 0, count: 3000)
  while case let count = try buffer.withUnsafeMutableBytes({ try socket.receive(into: $0, until: soon) }), count > 0 {
    try send(socket, Array(buffer[..<count]))
  }
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

/// Makes attempts until one does not throw; how many threw, and what the last returned.
func persistently<Result>(_ body: () throws -> Result) -> (failed: Int, result: Result) {
  var failed = 0
  while true {
    do {
      return (failed, try body())
    } catch {
      failed += 1
    }
  }
}
