import CaseSupport
import Glibc
import Green

/// Makes `descriptor` standard error while `body` runs.
private func withStandardError(_ descriptor: CInt, _ body: () throws -> Void) throws {
  let before = dup(STDERR_FILENO)
  dup2(descriptor, STDERR_FILENO)
  defer {
    dup2(before, STDERR_FILENO)
    close(before)
  }
  try body()
}

private func fill(_ descriptor: CInt) {
  let flags = fcntl(descriptor, F_GETFL)
  _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
  let bytes = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
  for size in [4096, 1] { while write(descriptor, bytes, size) > 0 {} }
  _ = fcntl(descriptor, F_SETFL, flags)
}

/// All that is in it now.
private func drained(_ descriptor: CInt) -> String {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  var all: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65536)
  while case let count = read(descriptor, &part, part.count), count > 0 { all += part[..<count] }
  return String(decoding: all, as: UTF8.self)
}

private struct Unwanted: Error {}

/// A terminal that passes each byte on as it is.
private func makeTerminal() throws -> (master: CInt, side: CInt) {
  var (master, side): (CInt, CInt) = (-1, -1)
  try expectEqual(openpty(&master, &side, nil, nil, nil), 0, "a terminal")
  var mode = termios()
  tcgetattr(side, &mode)
  cfmakeraw(&mode)
  try expectEqual(tcsetattr(side, TCSANOW, &mode), 0, "its mode")
  return (master, side)
}

/// Whether poll calls it writable, or comes to do so: what a terminal's sides hold is moved on after the calls.
private func isWritable(_ descriptor: CInt) -> Bool {
  var entry = pollfd(fd: descriptor, events: CShort(POLLOUT), revents: 0)
  return poll(&entry, 1, 50) > 0
}

/// Reports to a terminal that has room for some bytes, and checks that each line is read or told of as lost.
private func reportMany(
  to written: CInt, readFrom read: CInt, as way: (() throws -> Void) throws -> Void = { try $0() }
) throws {
  while isWritable(written) { fill(written) }
  var part = [UInt8](repeating: 0, count: 64)
  while !isWritable(written) { _ = Glibc.read(read, &part, part.count) }
  var (text, count, last) = ("", 0, "")
  func report(_ line: String) {
    Report.line(line)
    (count, last) = (count + 1, line)
  }
  try withStandardError(written) {
    try way {
      // A hub's thread that stood still would be interrupted, and a write with it.
      let thread = PlainThread {
        report(String(repeating: "long", count: 10_000))
        for index in 0..<100 { report("line \(index)") }
      }
      thread.join()
    }
    try expectEqual(fcntl(written, F_GETFL) & O_NONBLOCK, 0, "the flag of all who share the terminal")
    while !text.hasSuffix("\n\(last)\n") {
      try expect(count < 500, "nothing comes any more")
      text += drained(read)
      report("end \(count)")
      usleep(10_000)
      text += drained(read)
    }
  }
  let lines = text.split(separator: "\n")
  let whole = lines.filter { $0.hasPrefix("line ") || $0.hasPrefix("end ") }.count
  let lost = lines.filter { $0.hasPrefix("greenfinch: lost on standard error, which nobody read: ") }
  let told = lost.compactMap { Int($0.split(separator: " ").dropLast().last!) }.reduce(0, +)
  try expect(told > 0, "there was room for all")
  // One of which only the last byte was lost is both.
  try expect(whole + told >= count, "\(whole) read and \(told) told of, of \(count)")
}

/// Lets no descriptor be opened while `body` runs.
private func withoutDescriptors(_ body: () throws -> Void) rethrows {
  let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  var before = rlimit()
  getrlimit(resource, &before)
  // Not 0: poll is refused then.
  var limit = rlimit(rlim_cur: 1, rlim_max: before.rlim_max)
  setrlimit(resource, &limit)
  defer { setrlimit(resource, &before) }
  try body()
}

/// Which a signal's handler makes empty.
private nonisolated(unsafe) var emptied: CInt = -1

let reportCases = [
  Case("a standard error that nobody reads costs lines, not time") {
    // On a busy machine its lines would be counted too.
    try Hub.current!.watchdog(limit: .milliseconds(100)) { _ in }
    for (read, write) in [makePipe(), makeSocketPair()] {
      fill(write)
      try withStandardError(write) {
        let taken = seconds {
          for _ in 0..<100 {
            _ = Fiber.spawn { throw Unwanted() }
            Fiber.yield()
          }
        }
        try expect(taken < 10, "it took \(taken) s")
        let old = drained(read)
        try expect(!old.contains("Unwanted"), "there was room")
        Report.line("read again")
        let lines = drained(read).split(separator: "\n")
        try expectEqual(lines, ["greenfinch: lost on standard error, which nobody read: 100 lines", "read again"])
      }
      close(read)
      close(write)
    }
  },
  Case("nobody at the other end of standard error ends no process") {
    let (read, write) = makePipe()
    close(read)
    signal(SIGPIPE, SIG_DFL)
    try withStandardError(write) { Report.line("to nobody") }
    close(write)
    let (one, other) = makeSocketPair()
    close(one)
    try withStandardError(other) { Report.line("to nobody") }
    close(other)
    let before = dup(STDERR_FILENO)
    close(STDERR_FILENO)
    Report.line("to nothing")
    dup2(before, STDERR_FILENO)
    close(before)
  },
  Case("a long report is whole where it is read slowly, and in a file") {
    let text = (0..<20_000).map { "line \($0)" }.joined(separator: "\n")
    let (read, write) = makePipe()
    nonisolated(unsafe) var all: [UInt8] = []
    let reader = PlainThread {
      var part = [UInt8](repeating: 0, count: 4096)
      while case let count = Glibc.read(read, &part, part.count), count > 0 {
        all += part[..<count]
        usleep(500)
      }
    }
    try withStandardError(write) { Report.line(text) }
    close(write)
    reader.join()
    close(read)
    // On a busy machine the watchdog has a line too, before it or after.
    try expect(String(decoding: all, as: UTF8.self).contains(text + "\n"), "\(all.count) of \(text.utf8.count) bytes")
    let file = fileno(tmpfile())
    try withStandardError(file) {
      Report.line("before")
      Report.line(text)
    }
    all = [UInt8](repeating: 0, count: Int(lseek(file, 0, SEEK_END)))
    try expectEqual(pread(file, &all, all.count, 0), all.count)
    let lines = String(decoding: all, as: UTF8.self)
    try expect(lines.hasPrefix("before\n") && lines.contains("\n" + text + "\n"), "\(all.count) bytes")
  },
  Case("a terminal that nobody reads costs lines, not time") {
    try isolated {
      let (master, side) = try makeTerminal()
      try reportMany(to: side, readFrom: master)
    }
  },
  Case("a terminal that nobody reads costs lines, not time, where no descriptor can be opened") {
    try isolated {
      let (master, side) = try makeTerminal()
      try reportMany(to: side, readFrom: master, as: withoutDescriptors)
    }
  },
  Case("the inner side of a terminal that nobody reads costs lines, not time") {
    try isolated {
      let (master, side) = try makeTerminal()
      try reportMany(to: master, readFrom: side)
    }
  },
  Case(
    "a signal while a report waits for its reader loses nothing",
    skip: Sanitizer.skip(under: .thread, Sanitizer.holdsSignalsBack)
  ) {
    try isolated {
      let (read, write) = makePipe()
      emptied = read
      signal(SIGUSR2) { _ in _ = drained(emptied) }
      // On a busy machine the signal may come when the line has been given up, and nothing is there to be read.
      var texts: [String] = []
      repeat {
        try withStandardError(write) {
          Report.line("this one is read")
          fill(write)
          let waiting = pthread_self()
          let sender = PlainThread {
            while !isFirstThreadAsleep() { usleep(1000) }
            pthread_kill(waiting, SIGUSR2)
          }
          Report.line("in time")
          sender.join()
        }
        texts.append(drained(read))
      } while texts.last == "" && texts.count < 10
      try expectEqual(texts.last, "in time\n")
    }
  },
]
