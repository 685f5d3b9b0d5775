import CCalls
import CaseSupport
import Glibc

let selectCases = [
  Case("select rests where a set has numbers that no descriptor can have yet") {
    let ends = makePipe()
    let beyond = numberBeyondTheTable()
    let time = UnsafeMutablePointer<timeval>.allocate(capacity: 1)
    defer { time.deallocate() }
    time.pointee = timeval(tv_sec: 0, tv_usec: 200_000)
    let before = clock()
    let elapsed = try seconds {
      let ready = withDescriptorSet([ends.read, beyond]) { select($1, $0, nil, nil, time) }
      try expectEqual(ready, 0)
    }
    let used = Double(clock() - before) / Double(CLOCKS_PER_SEC)
    try expect(used * 3 < elapsed, "it used the processor for \(used) of \(elapsed) s")
    close(ends.read)
    close(ends.write)
  },
  Case("an epoll set with as many in each other as there may be is waited for at rest") {
    let ends = makePipe()
    var sets = [CInt](repeating: -1, count: 20)
    let count = Int(ccalls_nest(ends.read, &sets, 20))
    try expect(count > 1 && count < 20, "\(count) sets in each other")
    let outer = sets[count - 1]
    let before = clock()
    let elapsed = try seconds { try expectEqual(ccalls_epoll_wait(outer, 300), 0) }
    let used = Double(clock() - before) / Double(CLOCKS_PER_SEC)
    try expect(used * 3 < elapsed, "it used the processor for \(used) of \(elapsed) s")
    try together(
      {
        var entry = pollfd(fd: outer, events: CShort(POLLIN), revents: 0)
        try expectEqual(poll(&entry, 1, 20_000), 1)
        try expectEqual(ccalls_epoll_wait(outer, 20_000), 1)
      },
      {
        usleep(20_000)
        write(ends.write, "a", 1)
      })
    for descriptor in sets.prefix(count) + [ends.read, ends.write] { close(descriptor) }
  },
]

/// A number that the kernel does not look at in a set, since the process's table of descriptors has no room for it.
///
/// A process begins with a table of the size that its parent needed, which can be thousands.
private func numberBeyondTheTable() -> CInt {
  var number: CInt = 1000
  // Beside fibers select is the kernel's own.
  PlainThread {
    var none = timeval()
    while fcntl(number, F_GETFD) >= 0 || withDescriptorSet([number], { select($1, $0, nil, nil, &none) }) == -1 {
      number *= 2
    }
  }.join()
  return number
}

/// Gives a set with these numbers, of as many words as they need, and the count that `select` is given with it.
private func withDescriptorSet(
  _ numbers: [CInt], _ body: (UnsafeMutablePointer<fd_set>, CInt) throws -> CInt
) rethrows -> CInt {
  let count = max(CInt(FD_SETSIZE), numbers.max()! + 1)
  var words = [UInt64](repeating: 0, count: (Int(count) + 1023) / 1024 * 16)
  for number in numbers { words[Int(number) / 64] |= 1 << UInt64(number % 64) }
  return try words.withUnsafeMutableBytes {
    try body($0.baseAddress!.assumingMemoryBound(to: fd_set.self), count)
  }
}
