internal import Glibc
internal import Green
internal import GreenRedirect

// What the redirect costs a `read` that has data: `calls KIND COUNT`, where KIND is socket, pipe or eventfd. The same reads
// are made by libc's own function, by the redirected one on a thread without a hub, and by that in a fiber, in turn, and of
// each the fastest of many rounds counts. Prints "key value" lines, in nanoseconds.

typealias Read = @convention(c) (CInt, UnsafeMutableRawPointer?, Int) -> Int

let each = 20_000

/// A descriptor that gives 8 bytes to each of `each` reads.
func filled(_ kind: String) -> (read: CInt, other: CInt)? {
  var ends: [CInt] = [-1, -1]
  switch kind {
  case "eventfd": ends[0] = eventfd(UInt32(each), CInt(EFD_SEMAPHORE))
  case "pipe":
    pipe(&ends)
    guard fcntl(ends[1], F_SETPIPE_SZ, CInt(1 << 18)) >= each * 8 else { return nil }
  case "socket": socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends)
  default: return nil
  }
  let bytes = [UInt8](repeating: 1, count: each * 8)
  if kind != "eventfd" { guard write(ends[1], bytes, bytes.count) == bytes.count else { return nil } }
  return (ends[0], ends[1])
}

func nanosecondsOfARead(_ kind: String, _ call: Read) -> Double {
  guard let (descriptor, other) = filled(kind) else {
    print("calls: no \(kind) that can be filled")
    exit(2)
  }
  defer {
    close(descriptor)
    close(other)
  }
  var buffer: UInt64 = 0
  // The first looks what kind of descriptor it is.
  var total = call(descriptor, &buffer, 8)
  let start = Deadline.now
  for _ in 1..<each { total += call(descriptor, &buffer, 8) }
  let time = Deadline.now.nanoseconds - start.nanoseconds
  precondition(total == each * 8, "a read came short")
  return Double(time) / Double(each - 1)
}

func onThread(_ body: @escaping @Sendable () -> Double) -> Double {
  nonisolated(unsafe) var result = 0.0
  let box = Unmanaged.passRetained(Body { result = body() }).toOpaque()
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    {
      Unmanaged<Body>.fromOpaque($0!).takeRetainedValue().run()
      return nil
    }, box)
  pthread_join(thread, nil)
  return result
}

final class Body { let run: () -> Void; init(_ run: @escaping () -> Void) { self.run = run } }

let arguments = CommandLine.arguments
guard arguments.count == 3, let count = Int(arguments[2]), count > 0, filled(arguments[1]) != nil else {
  print("usage: calls socket|pipe|eventfd COUNT")
  exit(2)
}
let kind = arguments[1]
// The same function as any call of read in this program, and the one behind it.
let redirected: Read = { read($0, $1, $2) }
guard let libc = dlopen("libc.so.6", RTLD_LAZY), let symbol = dlsym(libc, "read") else { exit(2) }
let plain = unsafeBitCast(symbol, to: Read.self)

/// The fastest of each: on a thread by libc and by the redirect, in a fiber by libc and by the redirect.
func measure() throws -> (plain: Double, passed: Double, plainInFiber: Double, redirected: Double) {
  var best = (
    plain: Double.infinity, passed: Double.infinity, plainInFiber: Double.infinity, redirected: Double.infinity
  )
  let rounds = max(1, count / (4 * each))
  for _ in 0..<rounds {
    best.plain = min(best.plain, onThread { nanosecondsOfARead(kind, plain) })
    best.passed = min(best.passed, onThread { nanosecondsOfARead(kind, redirected) })
    let inFiber = try Hub.run { (nanosecondsOfARead(kind, plain), nanosecondsOfARead(kind, redirected)) }
    best.plainInFiber = min(best.plainInFiber, inFiber.0)
    best.redirected = min(best.redirected, inFiber.1)
  }
  return best
}

let best = try measure()
print("plain_ns \(best.plain)")
print("pass_ns \(best.passed - best.plain)")
print("above_ns \(best.redirected - best.plainInFiber)")
