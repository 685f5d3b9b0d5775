import CCalls
import CaseSupport
import Glibc
import Green

// What libc closes for a stream of stdio is seen too.
let closingCases = [
  Case("fclose and closefrom wake who waits, and their numbers can be waited for again") {
    for _ in 0..<5 {
      let ends = makePipe()
      let stream = fdopen(ends.read, "r")
      try together(
        {
          var byte: UInt8 = 0
          try expectEqual(read(ends.read, &byte, 1), -1, "read")
          try expectEqual(errno, EBADF)
        },
        {
          usleep(2000); fclose(stream)
        })
      let again = makePipe()
      try expectEqual(again.read, ends.read, "the number")
      try together(
        {
          var byte: UInt8 = 0
          try expectEqual(read(again.read, &byte, 1), 1, "read of the next")
        },
        {
          usleep(2000); write(again.write, "a", 1)
        })
      close(again.read)
      close(again.write)
      close(ends.write)
    }
    let ends = makePipe()
    let high = dup2(ends.read, 900)
    try together(
      {
        var byte: UInt8 = 0
        try expectEqual(read(high, &byte, 1), -1, "read")
        try expectEqual(errno, EBADF)
      },
      {
        usleep(2000); closefrom(900)
      })
  },
  Case("a range that another thread or hub closes wakes who waits, and its numbers can be waited for again") {
    let ways: [(CInt) -> Void] = [
      { number in PlainThread { ccalls_close_range(number, number) }.join() },
      { number in PlainThread { ccalls_close_range(number - 100, number + 100) }.join() },
      { number in PlainThread { ccalls_close_from(number) }.join() },
      { number in PlainThread { try? Hub.run { _ = ccalls_close_range(number, number) } }.join() },
    ]
    for closeRange in ways {
      let ends = makePipe()
      let high = dup2(ends.read, 900)
      try together(
        {
          var byte: UInt8 = 0
          try expectEqual(read(high, &byte, 1), -1, "read")
          try expectEqual(errno, EBADF)
        },
        {
          usleep(2000); closeRange(high)
        })
      try expectEqual(dup2(ends.read, high), high, "the number")
      try together(
        {
          var byte: UInt8 = 0
          try expectEqual(read(high, &byte, 1), 1, "read of the next")
        },
        {
          usleep(2000); write(ends.write, "a", 1)
        })
      for descriptor in [high, ends.read, ends.write] { close(descriptor) }
    }
  },
  Case("freopen leaves the loop a descriptor that can be waited for") {
    let first = makePipe()
    let stream = fdopen(first.read, "r")
    try together(
      {
        var byte: UInt8 = 0
        _ = read(first.read, &byte, 1)
      },
      {
        usleep(2000)
        try expect(freopen("/dev/null", "r", stream) != nil, "freopen")
      })
    fclose(stream)
  },
  Case("a send to a full datagram socket waits without keeping the processor busy") {
    let name = "\u{0}greenfinch-full-\(getpid())"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
    let length = socklen_t(2 + name.utf8.count)
    let (receiver, sender) = (socket(AF_UNIX, 2, 0), socket(AF_UNIX, 2, 0))
    let target = address
    func withTarget<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
      withUnsafePointer(to: target) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
    }
    try expectEqual(withTarget { bind(receiver, $0, length) }, 0)
    while withTarget({ sendto(sender, "a", 1, CInt(MSG_DONTWAIT), $0, length) }) > 0 {}
    let busy = clock()
    try together(
      { try expectEqual(withTarget { sendto(sender, "b", 1, 0, $0, length) }, 1, "sendto") },
      {
        usleep(300_000)
        var byte: UInt8 = 0
        try expectEqual(recv(receiver, &byte, 1, 0), 1, "recv")
      })
    try expect(clock() - busy < 100_000, "took \(clock() - busy) µs of processor time")
  },
  Case("what libc's own functions closed is not taken for what gets its number") {
    // A pipe that is waited for, closed past the redirect, its number given to a socket.
    let ends = makePipe()
    try together(
      {
        var byte: UInt8 = 0
        try expectEqual(read(ends.read, &byte, 1), 1, "read")
      },
      {
        usleep(2000); write(ends.write, "a", 1)
      })
    _ = ccalls_close_unseen(ends.read)
    _ = ccalls_close_unseen(ends.write)
    let pair = makeSocketPair()
    try expectEqual(pair.0, ends.read, "the number")
    try together(
      {
        var byte: UInt8 = 0
        try expectEqual(recv(pair.0, &byte, 1, 0), 1, "recv")
      },
      {
        usleep(2000); write(pair.1, "b", 1)
      })
  },
]

// Swift's Glibc module does not show it.
@_silgen_name("closefrom") private func closefrom(_ first: CInt)
