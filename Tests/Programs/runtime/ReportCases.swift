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

let reportCases = [
  Case("a standard error that nobody reads costs lines, not time") {
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
    try expect(String(decoding: all, as: UTF8.self) == text + "\n", "\(all.count) of \(text.utf8.count) bytes")
    let file = fileno(tmpfile())
    try withStandardError(file) {
      Report.line("before")
      Report.line(text)
    }
    try expectEqual(lseek(file, 0, SEEK_END), off_t(text.utf8.count + 8))
  },
]
