internal import Glibc
internal import Green
internal import GreenRedirect

// What the redirect costs a `read` that has data: `calls KIND COUNT`, where KIND is socket, pipe or eventfd. The same reads
// are made by libc's own function and by the redirected one, in turn, on a thread without a hub and then in a fiber. Of
// each the fastest of many short batches counts, for a virtual machine is disturbed all the time. Prints "key value"
// lines, in nanoseconds.

// Swift's Glibc module does not show it.
@_silgen_name("eventfd") func eventfd(_ value: UInt32, _ flags: CInt) -> CInt

typealias Read = @convention(c) (CInt, UnsafeMutableRawPointer?, Int) -> Int

let each = 400

/// A descriptor that gives 8 bytes to each of `each` reads.
func filled(_ kind: String) -> (read: CInt, other: CInt)? {
  var ends: [CInt] = [-1, -1]
  switch kind {
  case "eventfd": ends[0] = eventfd(UInt32(each), 1)  // EFD_SEMAPHORE
  case "pipe":
    pipe(&ends)
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

/// The fastest batch of each.
func fastest(_ kind: String, _ batches: Int) -> (plain: Double, redirected: Double, vector: Double) {
  var best = (plain: Double.infinity, redirected: Double.infinity, vector: Double.infinity)
  for _ in 0..<batches {
    best.plain = min(best.plain, nanosecondsOfARead(kind, plain))
    best.redirected = min(best.redirected, nanosecondsOfARead(kind, redirected))
    best.vector = min(best.vector, nanosecondsOfARead(kind, vector))
  }
  return best
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let count = Int(arguments[2]), count > 0, filled(arguments[1]) != nil else {
  print("usage: calls socket|pipe|eventfd COUNT")
  exit(2)
}
let kind = arguments[1]
// The same function as any call of read in this program, and the one below it.
nonisolated(unsafe) let redirected: Read = { read($0, $1, $2) }
typealias ReadVector = @convention(c) (CInt, UnsafePointer<iovec>?, CInt) -> Int
guard let libc = dlopen("libc.so.6", RTLD_LAZY), let symbol = dlsym(libc, "read"), let other = dlsym(libc, "readv")
else { exit(2) }
nonisolated(unsafe) let plain = unsafeBitCast(symbol, to: Read.self)
/// The same by libc's `readv`: what a call with a vector costs by itself.
nonisolated(unsafe) let plainVector = unsafeBitCast(other, to: ReadVector.self)
nonisolated(unsafe) let vector: Read = {
  var part = iovec(iov_base: $1, iov_len: $2)
  return plainVector($0, &part, 1)
}

let batches = max(1, count / (6 * each))
let onThread = fastest(kind, batches)
let inFiber = try Hub.run { fastest(kind, batches) }
print("plain_ns \(onThread.plain)")
print("pass_ns \(onThread.redirected - onThread.plain)")
print("above_ns \(inFiber.redirected - inFiber.plain)")
print("vector_ns \(onThread.vector - onThread.plain)")
