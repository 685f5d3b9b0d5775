import CCalls
import CaseSupport
import Glibc
import Green

/// What a fiber's calls kept the thread for at once, and altogether: in processor time, so that a busy machine changes
/// little.
private struct Hold: CustomStringConvertible {
  var longest = 0
  var total = 0

  var description: String { "longest hold \(longest / 1000) of \(total / 1000) µs" }
}

/// Measures `body` beside a fiber that always wants its turn.
private func hold(of body: @escaping () throws -> Void) throws -> Hold {
  // Unsafe: all of it runs on this thread.
  nonisolated(unsafe) let body = body
  nonisolated(unsafe) var hold = Hold()
  nonisolated(unsafe) var isDone = false
  let start = processorTime()
  let other = Fiber.spawn {
    var last = processorTime()
    while !isDone {
      try Fiber.sleep(for: .microseconds(100))
      let now = processorTime()
      hold.longest = max(hold.longest, now - last)
      last = now
    }
  }
  let fiber = Fiber.spawn { try body() }
  defer { isDone = true }
  try fiber.join()
  hold.total = processorTime() - start
  isDone = true
  try other.value
  try fiber.value
  return hold
}

/// None of the calls keeps the thread for much longer than two milliseconds: on a machine of today they last some ten
/// times as long as that, and those that were not divided kept it for all of it, each time. What a virtual machine's
/// host takes away counts as the thread's, so that once may be too long.
private func isDivided(_ name: String, _ body: @escaping () throws -> Void, line: Int = #line) throws {
  var holds: [Hold] = []
  repeat {
    let hold = try hold(of: body)
    if getenv("CASE_FIGURES") != nil { print("\(name): \(hold)") }
    if hold.longest < 12_000_000 || hold.longest * 5 < hold.total { return }
    holds.append(hold)
  } while holds.count < 5
  try expect(false, "\(name): \(holds)", line: line)
}

private let megabyte = 1 << 20

/// A file of so many bytes in memory, as the kernel's cache has one.
private func file(bytes: Int) -> CInt {
  let descriptor = fileno(tmpfile())
  let block = [UInt8](repeating: 7, count: megabyte)
  for _ in 0..<(bytes / megabyte) { _ = write(descriptor, block, megabyte) }
  lseek(descriptor, 0, SEEK_SET)
  return descriptor
}

/// How often another fiber has its turn during `body`, whose calls find at once what they want.
func othersTurns(during body: @escaping () throws -> Void) throws -> Int {
  // Unsafe: all of it runs on this thread.
  nonisolated(unsafe) let body = body
  nonisolated(unsafe) var count = 0
  nonisolated(unsafe) var isDone = false
  let fiber = Fiber.spawn {
    defer { isDone = true }
    try body()
  }
  while !isDone {
    Fiber.yield()
    count += 1
  }
  try fiber.value
  return count
}

let holdCases = [
  Case("others have their turn by what calls cost, and not by their number") {
    let room = UnsafeMutableRawPointer.allocate(byteCount: megabyte, alignment: 4096)
    defer { room.deallocate() }
    let random = open("/dev/urandom", O_RDONLY)
    for size in [65536, megabyte] {
      let count = try othersTurns { for _ in 0..<(16 * megabyte / size) { _ = read(random, room, size) } }
      try expect(count >= 64, "\(count) turns during 16 MB of /dev/urandom, \(size) bytes each")
    }
    close(random)
    let stream = fdopen(file(bytes: 64 * megabyte), "r+")!
    for size in [4096, 65536] {
      rewind(stream)
      let reading = try othersTurns { while fread(room, 1, size, stream) > 0 {} }
      try expect(reading >= 32, "\(reading) turns during 64 MB of fread, \(size) bytes each")
      rewind(stream)
      let writing = try othersTurns { for _ in 0..<(64 * megabyte / size) { fwrite(room, 1, size, stream) } }
      try expect(writing >= 32, "\(writing) turns during 64 MB of fwrite, \(size) bytes each")
    }
    fclose(stream)
  },
  Case("calls that never wait keep the thread for a moment only, however many they are") {
    let room = UnsafeMutableRawPointer.allocate(byteCount: megabyte, alignment: 4096)
    defer { room.deallocate() }
    memset(room, 1, megabyte)
    let zero = open("/dev/zero", O_RDONLY)
    try isDivided("/dev/zero, 64 KB each") { for _ in 0..<20_000 { _ = read(zero, room, 65536) } }
    try isDivided("/dev/zero, 1 byte each") { for _ in 0..<400_000 { _ = read(zero, room, 1) } }
    let random = open("/dev/urandom", O_RDONLY)
    try isDivided("/dev/urandom, 1 MB each") { for _ in 0..<40 { _ = read(random, room, megabyte) } }
    let (reading, writing) = makePipe()
    try isDivided("a pipe, 64 KB each") {
      for _ in 0..<4000 {
        _ = write(writing, room, 65536)
        _ = read(reading, room, 65536)
      }
    }
    let descriptor = file(bytes: 64 * megabyte)
    try isDivided("read of a file, 64 KB each") {
      for _ in 0..<10 {
        lseek(descriptor, 0, SEEK_SET)
        while read(descriptor, room, 65536) > 0 {}
      }
    }
    try isDivided("pread of a file, 1 MB each") {
      for _ in 0..<10 { for index in 0..<64 { _ = pread(descriptor, room, megabyte, off_t(index * megabyte)) } }
    }
    let stream = fdopen(dup(descriptor), "r")!
    for size in [100, 65536] {
      try isDivided("fread of a file, \(size) bytes each") {
        for _ in 0..<10 {
          rewind(stream)
          while fread(room, 1, size, stream) > 0 {}
        }
      }
    }
    let out = fdopen(file(bytes: 0), "w")!
    try isDivided("fwrite to a file, 100 bytes each") { for _ in 0..<1_000_000 { fwrite(room, 1, 100, out) } }
    fclose(out)
    fclose(stream)
    for descriptor in [zero, random, reading, writing] { close(descriptor) }
  },
  Case("one call that moves much keeps the thread for a moment only") {
    let size = 256 * megabyte
    let room = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
    let zero = open("/dev/zero", O_RDONLY)
    try isDivided("read of /dev/zero, 256 MB") { try expectEqual(read(zero, room, size), size) }
    let descriptor = file(bytes: size)
    func fromTheStart(_ body: () throws -> Void) rethrows {
      lseek(descriptor, 0, SEEK_SET)
      try body()
    }
    try isDivided("read of a file, 256 MB") {
      try fromTheStart { try expectEqual(read(descriptor, room, size), size) }
    }
    try isDivided("pread of a file, 256 MB") { try expectEqual(pread(descriptor, room, size, 0), size) }
    try isDivided("readv of a file, 256 MB") {
      var parts = [iovec(iov_base: room, iov_len: size / 2), iovec(iov_base: room + size / 2, iov_len: size / 2)]
      try fromTheStart { try expectEqual(readv(descriptor, &parts, 2), size) }
    }
    let stream = fdopen(dup(descriptor), "r+")!
    try isDivided("fread of a file, 256 MB") {
      rewind(stream)
      try expectEqual(fread(room, 1, size, stream), size)
    }
    try isDivided("fwrite to a file, 256 MB") {
      rewind(stream)
      try expectEqual(fwrite(room, 1, size, stream), size)
    }
    try isDivided("pwrite to a file, 256 MB") { try expectEqual(pwrite(descriptor, room, size, 0), size) }
    try isDivided("write to a file, 256 MB") {
      try fromTheStart { try expectEqual(write(descriptor, room, size), size) }
    }
    let other = file(bytes: 0)
    try isDivided("sendfile to a file, 256 MB") {
      lseek(other, 0, SEEK_SET)
      try fromTheStart { try expectEqual(sendfile(other, descriptor, nil, size), size) }
    }
    fclose(stream)
    for descriptor in [zero, descriptor, other] { close(descriptor) }
    room.deallocate()
  },
  Case("a big read takes one packet of a pipe, one event, one message") {
    var bytes = [UInt8](repeating: 0, count: 3 << 20)
    var ends: [CInt] = [0, 0]
    try expectEqual(ccalls_pipe_of_packets(&ends), 0)
    write(ends[1], "ab", 2)
    write(ends[1], "cde", 3)
    try expectEqual(read(ends[0], &bytes, bytes.count), 2)
    try expectEqual(read(ends[0], &bytes, bytes.count), 3)
    let events = ccalls_events(2)
    try expectEqual(read(events, &bytes, bytes.count), 8)
    var value: UInt64 = 0
    try expectEqual(read(events, &value, 8), 8)
    var sockets: [CInt] = [0, 0]
    try expectEqual(socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0, &sockets), 0)
    var room = CInt(4 << 20)
    setsockopt(sockets[1], SOL_SOCKET, SO_SNDBUFFORCE, &room, 4)
    let long = [UInt8](repeating: 7, count: (1 << 20) + 100)
    // Only the superuser may send so long a message.
    if send(sockets[1], long, long.count, 0) == long.count {
      send(sockets[1], "abc", 3, 0)
      try expectEqual(read(sockets[0], &bytes, bytes.count), long.count)
      try expectEqual(read(sockets[0], &bytes, bytes.count), 3)
    }
    for descriptor in ends + sockets + [events] { close(descriptor) }
  },
  Case("a big read goes on with no other file that got its number meanwhile") {
    let zero = open("/dev/zero", O_RDONLY)
    var name = Array("/tmp/greenfinch-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    unlink(name)
    let sevens = [UInt8](repeating: 7, count: 1 << 20)
    try expectEqual(write(file, sevens, sevens.count), sevens.count)
    lseek(file, 0, SEEK_SET)
    var bytes = [UInt8](repeating: 1, count: 64 << 20)
    var count = 0
    try together(
      { count = read(zero, &bytes, bytes.count) },
      { try expectEqual(dup2(file, zero), zero) })
    try expect(count > 0, "read \(count)")
    try expect(!bytes.prefix(count).contains(7), "it holds the other's bytes")
    try expectEqual(lseek(file, 0, SEEK_CUR), 0)
    close(zero)
    close(file)
  },
]
