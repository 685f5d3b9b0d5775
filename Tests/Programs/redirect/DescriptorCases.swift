import CaseSupport
import Glibc
import Green

let descriptorCases = [
  Case("a fiber waits in read while another writes to the pipe") {
    let ends = makePipe()
    var byte: UInt8 = 0
    try together(
      { try expectEqual(read(ends.read, &byte, 1), 1, "read") },
      {
        usleep(20_000)
        var value: UInt8 = 42
        try expectEqual(write(ends.write, &value, 1), 1, "write")
      })
    try expectEqual(byte, 42)
    close(ends.write)
    try expectEqual(read(ends.read, &byte, 1), 0, "read at the end of the file")
  },
  Case("a big write to a pipe returns when all is written") {
    let ends = makePipe()
    let size = 1 << 20
    try together(
      {
        let bytes = [UInt8](repeating: 1, count: size)
        try expectEqual(write(ends.write, bytes, size), size, "write")
        close(ends.write)
      },
      {
        var total = 0
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while case let count = read(ends.read, &buffer, buffer.count), count > 0 { total += count }
        try expectEqual(total, size, "bytes read")
      })
  },
  Case("a big send on a blocking socket does not block the thread") {
    let ends = makeSocketPair()
    let size = 1 << 22
    var ticks = 0
    try together(
      {
        let bytes = [UInt8](repeating: 1, count: size)
        try expectEqual(send(ends.0, bytes, size, 0), size, "send")
        close(ends.0)
      },
      {
        usleep(20_000)
        var total = 0
        var buffer = [UInt8](repeating: 0, count: 50_000)
        while case let count = recv(ends.1, &buffer, buffer.count, 0), count > 0 { total += count }
        try expectEqual(total, size, "bytes received")
      },
      { for _ in 0..<10 { usleep(1000); ticks += 1 } })
    try expectEqual(ticks, 10)
  },
  Case("MSG_WAITALL gathers, MSG_PEEK leaves, MSG_DONTWAIT does not wait") {
    let ends = makeSocketPair()
    var buffer = [UInt8](repeating: 0, count: 10)
    try expectEqual(recv(ends.0, &buffer, 10, CInt(MSG_DONTWAIT)), -1)
    try expectEqual(errno, EAGAIN)
    try together(
      { try expectEqual(recv(ends.0, &buffer, 10, CInt(MSG_WAITALL)), 10, "recv") },
      {
        for _ in 0..<5 {
          usleep(5000)
          send(ends.1, "ab", 2, 0)
        }
      })
    send(ends.1, "xyz", 3, 0)
    try expectEqual(recv(ends.0, &buffer, 10, CInt(MSG_PEEK)), 3, "peek")
    try expectEqual(recv(ends.0, &buffer, 10, 0), 3, "recv after the peek")
  },
  Case("SO_RCVTIMEO ends a receive with EAGAIN and reads back unchanged") {
    let ends = makeSocketPair()
    var time = timeval(tv_sec: 0, tv_usec: 50_000)
    setsockopt(ends.0, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var byte: UInt8 = 0
    let elapsed = try seconds {
      try expectEqual(recv(ends.0, &byte, 1, 0), -1)
      try expectEqual(errno, EAGAIN)
    }
    try expect(elapsed >= 0.05 && elapsed < 10, "took \(elapsed) s")
    var length = socklen_t(MemoryLayout<timeval>.size)
    getsockopt(ends.0, SOL_SOCKET, SO_RCVTIMEO, &time, &length)
    try expect(time.tv_usec >= 49_000 && time.tv_usec <= 54_000, "reads back as \(time.tv_usec) µs")
  },
  Case("O_NONBLOCK stays as the program set it") {
    let ends = makeSocketPair()
    var byte: UInt8 = 0
    let flags = fcntl(ends.0, F_GETFL)
    try together(
      { _ = read(ends.0, &byte, 1) },
      {
        usleep(5000); send(ends.1, "a", 1, 0)
      })
    try expectEqual(fcntl(ends.0, F_GETFL), flags, "flags")
    _ = fcntl(ends.0, F_SETFL, flags | O_NONBLOCK)
    try expectEqual(read(ends.0, &byte, 1), -1)
    try expectEqual(errno, EAGAIN)
    try expectEqual(fcntl(ends.0, F_GETFL), flags | O_NONBLOCK, "flags")
  },
  Case("closing a descriptor wakes who waits for it with EBADF") {
    let ends = makePipe()
    try together(
      {
        var byte: UInt8 = 0
        try expectEqual(read(ends.read, &byte, 1), -1)
        try expectEqual(errno, EBADF)
      },
      {
        usleep(10_000); close(ends.read)
      })
  },
  Case("dup2 over a descriptor that is waited for wakes the waiter") {
    let (first, second) = (makePipe(), makePipe())
    try together(
      {
        var byte: UInt8 = 0
        try expectEqual(read(first.read, &byte, 1), -1)
        try expectEqual(errno, EBADF)
      },
      {
        usleep(10_000)
        try expectEqual(dup2(second.read, first.read), first.read)
      })
    var byte: UInt8 = 0
    try together(
      { try expectEqual(read(first.read, &byte, 1), 1, "read of the duplicate") },
      {
        usleep(5000); write(second.write, "a", 1)
      })
    // dup2 of what is not open leaves the target alone.
    try expectEqual(dup2(1_000_000, first.read), -1)
    try expectEqual(errno, EBADF)
    write(second.write, "b", 1)
    try expectEqual(read(first.read, &byte, 1), 1, "read after the failed dup2")
  },
  Case("a descriptor number that is used again is waited for again") {
    for _ in 0..<20 {
      let ends = makeSocketPair()
      var byte: UInt8 = 0
      try together(
        { try expectEqual(recv(ends.0, &byte, 1, 0), 1) },
        {
          usleep(500); send(ends.1, "a", 1, 0)
        })
      close(ends.0)
      close(ends.1)
    }
  },
  Case("a descriptor closed by another thread is waited for again under its old number") {
    for _ in 0..<20 {
      let ends = makeSocketPair()
      var byte: UInt8 = 0
      try together(
        { try expectEqual(recv(ends.0, &byte, 1, 0), 1) },
        {
          usleep(500); send(ends.1, "a", 1, 0)
        })
      let thread = PlainThread {
        close(ends.0); close(ends.1)
      }
      thread.join()
    }
  },
  Case("two fibers read one descriptor and each gets its byte") {
    let ends = makeSocketPair()
    var received: [UInt8] = []
    let reader: () throws -> Void = {
      var byte: UInt8 = 0
      try expectEqual(recv(ends.0, &byte, 1, 0), 1)
      received.append(byte)
    }
    try together(
      reader, reader,
      {
        usleep(5000); send(ends.1, "a", 1, 0); usleep(5000); send(ends.1, "b", 1, 0)
      })
    try expectEqual(received, [97, 98])
  },
  Case("poll reports exactly what is ready, on several descriptors") {
    let (first, second) = (makePipe(), makePipe())
    var entries = [
      pollfd(fd: first.read, events: CShort(POLLIN), revents: 0), pollfd(fd: -1, events: CShort(POLLIN), revents: 7),
      pollfd(fd: second.read, events: CShort(POLLIN), revents: 0),
      pollfd(fd: second.write, events: 0, revents: 0),
    ]
    let elapsed = try seconds {
      try together(
        { try expectEqual(poll(&entries, 4, 20_000), 1, "poll") },
        {
          usleep(20_000); write(second.write, "a", 1)
        })
    }
    try expect(elapsed < 10, "took \(elapsed) s")
    try expectEqual(entries.map(\.revents), [0, 0, CShort(POLLIN), 0])
    close(first.write)
    try expectEqual(poll(&entries, 1, -1), 1, "poll of a closed pipe")
    try expectEqual(entries[0].revents, CShort(POLLHUP))
    var wrong = pollfd(fd: 1_000_000, events: CShort(POLLIN), revents: 0)
    try expectEqual(poll(&wrong, 1, -1), 1, "poll of what is not open")
    try expectEqual(wrong.revents, CShort(POLLNVAL))
  },
  Case("poll without descriptors sleeps, and with a timeout ends") {
    let ends = makePipe()
    var entry = pollfd(fd: ends.read, events: CShort(POLLIN), revents: 0)
    let elapsed = try seconds {
      try together({ try expectEqual(poll(nil, 0, 50), 0) }, { try expectEqual(poll(&entry, 1, 50), 0) })
    }
    try expect(elapsed >= 0.05 && elapsed < 10, "took \(elapsed) s")
    try expectEqual(poll(&entry, 1, 0), 0)
  },
  Case("regular files are read and written directly") {
    var name = Array("/tmp/greenfinch-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    unlink(name)
    try expectEqual(write(file, "hello", 5), 5)
    lseek(file, 0, SEEK_SET)
    var buffer = [UInt8](repeating: 0, count: 10)
    try expectEqual(read(file, &buffer, 10), 5)
    close(file)
  },
  Case("what another thread closes wakes the fiber that waits for it") {
    let ends = makeSocketPair()
    try together(
      {
        var byte: UInt8 = 0
        try expectEqual(recv(ends.0, &byte, 1, 0), -1)
        try expectEqual(errno, EBADF)
      },
      {
        usleep(10_000)
        let thread = PlainThread { close(ends.0) }
        thread.join()
      })
  },
  Case("MSG_WAITALL means nothing to datagrams") {
    var ends: [CInt] = [0, 0]
    socketpair(AF_UNIX, 2, 0, &ends)  // SOCK_DGRAM
    var buffer = [UInt8](repeating: 0, count: 10)
    try together(
      { try expectEqual(recv(ends[0], &buffer, 10, CInt(MSG_WAITALL)), 3, "the first datagram") },
      {
        usleep(5000)
        send(ends[1], "abc", 3, 0)
        send(ends[1], "defg", 4, 0)
      })
    try expectEqual(recv(ends[0], &buffer, 10, 0), 4, "the second")
  },
  Case("a big write to a FIFO does not block the thread") {
    let path = "/tmp/greenfinch-fifo-\(getpid())"
    mkfifo(path, 0o600)
    // Opened for reading and writing first: opening one end alone would wait for the other.
    let both = open(path, O_RDWR)
    let (reader, writer) = (open(path, O_RDONLY), open(path, O_WRONLY))
    close(both)
    unlink(path)
    let size = 1 << 19
    try together(
      {
        let bytes = [UInt8](repeating: 1, count: size)
        try expectEqual(write(writer, bytes, size), size, "write")
        close(writer)
      },
      {
        var total = 0
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while case let count = read(reader, &buffer, buffer.count), count > 0 { total += count }
        try expectEqual(total, size, "bytes read")
      })
  },
  Case("poll for what the loop cannot watch ends at its timeout") {
    let ends = makeSocketPair()
    send(ends.1, "unread", 6, 0)
    for events in [CShort(POLLPRI), 0] {
      var entry = pollfd(fd: ends.0, events: events, revents: 0)
      let elapsed = try seconds { try expectEqual(poll(&entry, 1, 50), 0) }
      try expect(elapsed >= 0.05 && elapsed < 10, "took \(elapsed) s")
    }
    var entry = pollfd(fd: ends.0, events: 0, revents: 0)
    try together(
      { try expectEqual(poll(&entry, 1, 20_000), 1, "poll of a closed peer") },
      {
        usleep(5000); close(ends.1)
      })
    try expectEqual(entry.revents, CShort(POLLHUP))
  },
  Case("close_range wakes who waits") {
    let ends = makePipe()
    try together(
      {
        var byte: UInt8 = 0
        try expectEqual(read(ends.read, &byte, 1), -1)
        try expectEqual(errno, EBADF)
      },
      {
        usleep(10_000); try expectEqual(closeRange(ends.read, ends.read), 0)
      })
  },
]

// Swift's Glibc module does not show it.
@_silgen_name("close_range")
private func close_range(_ first: UInt32, _ last: UInt32, _ flags: CInt) -> CInt
private func closeRange(_ first: CInt, _ last: CInt) -> CInt { close_range(UInt32(first), UInt32(last), 0) }
