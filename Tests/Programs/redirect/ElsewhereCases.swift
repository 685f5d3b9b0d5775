import CaseSupport
import Glibc
import Green
import WaitCalls

/// Runs `body` with the reading end of a pipe into which `text` is written after a while.
private func later(_ text: String, _ body: @escaping (CInt) throws -> Void) throws {
  let ends = makePipe()
  let writer = Fiber.spawn {
    usleep(30_000)
    try expectEqual(write(ends.write, text, text.utf8.count), text.utf8.count)
    close(ends.write)
  }
  try whileOthersRun { try body(ends.read) }
  try writer.value
  close(ends.read)
}

// Calls that a thread makes to their end, since they wait inside the C library.

let elsewhereCases = [
  Case("a fiber that waits for asynchronous input lets others run") {
    try later("a") { try expectEqual(calls_aio_suspend($0), 97) }
    try later("b") { try expectEqual(calls_lio_listio($0), 98) }
    try expectEqual(calls_aio_suspend(-1), -1)
  },
  Case("a fiber that waits for wordexp's shell lets others run") {
    try whileOthersRun { try expectEqual(calls_wordexp("$(sleep 0.05; echo a b) c"), 3) }
    try expectEqual(calls_wordexp("a | b"), -1)
  },
  Case("wordexp's shell has the signals blocked that its caller has") {
    // The third digit from the end has SIGUSR1 as its second bit. By the shell itself: some shells clear the mask of their children.
    let words = """
      $(while read -r name value; do case $name in (SigBlk:) case $value in (*[014589cd]??) echo a b;; esac;; esac; \
      done < /proc/self/status)
      """
    try expectEqual(calls_wordexp(words), 2)
    calls_block(SIGUSR1, 1)
    defer { calls_block(SIGUSR1, 0) }
    try expectEqual(calls_wordexp(words), 0, "blocked")
  },
  Case(
    "getaddrinfo_a and gai_suspend answer in fibers",
    skip: Sanitizer.skip(under: .thread, Sanitizer.knowsNoInnerThreads)
  ) {
    try expectEqual(calls_getaddrinfo_a("127.0.0.1", 0), 0)
    try expectEqual(calls_getaddrinfo_a("127.0.0.1", 1), 0)
    try expectEqual(calls_getaddrinfo_a("localhost", 1), 0)
  },
  Case("a terminal's attributes are set when its output is out") {
    for action in [TCSANOW, TCSADRAIN, TCSAFLUSH] { try expectEqual(calls_set_terminal(action), 0) }
  },
  Case("fwscanf waits for the rest of a word, and leaves what it does not take") {
    try later("12 pe\u{e9}r 7x") { descriptor in
      setlocale(LC_CTYPE, "C.UTF-8")
      let stream = fdopen(dup(descriptor), "r")!
      var word = [wchar_t](repeating: 0, count: 16)
      var number: CInt = 0
      try expectEqual(calls_scan_wide(stream, &word, &number), 1)
      try expectEqual(calls_scan_wide(stream, &word, &number), 2)
      try expectEqual(word.prefix { $0 != 0 }.count, 4)
      try expectEqual(number, 7)
      try expectEqual(fgetwc(stream), 120)
      fclose(stream)
    }
  },
  Case("a FIFO that fopen opens is waited for, and freopen's too") {
    let path = "/tmp/greenfinch-fopen-\(getpid())"
    try expectEqual(mkfifo(path, 0o600), 0)
    defer { unlink(path) }
    for reopens in [false, true] {
      let writer = Fiber.spawn {
        usleep(30_000)
        let stream = fopen(path, "w")
        try expect(stream != nil, "errno \(errno)")
        fputs("line\n", stream)
        usleep(20_000)
        fclose(stream)
      }
      try whileOthersRun {
        let stream = reopens ? freopen(path, "r", fopen("/dev/null", "r")) : fopen(path, "r")
        try expect(stream != nil, "errno \(errno)")
        var line = [CChar](repeating: 0, count: 16)
        try expect(fgets(&line, 16, stream) != nil, "no line")
        try expectEqual(text(line), "line\n")
        fclose(stream)
      }
      try writer.value
    }
  },
  Case("a stream with a character set of its own keeps to it") {
    setlocale(LC_CTYPE, "C.UTF-8")
    let path = "/tmp/greenfinch-set-\(getpid())"
    try expectEqual(mkfifo(path, 0o600), 0)
    defer { unlink(path) }
    let descriptor = open(path, O_RDWR)
    let words = "a\u{e9}".unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
    for reopens in [false, true] {
      // glibc's freopen knows no sets.
      let own: [UInt8] = [97, 0, 0xe9, 0]
      let expected = reopens ? Array("a\u{e9}".utf8) : own
      let mode = "w,ccs=UTF-16LE"
      let out = reopens ? freopen(path, mode, fopen("/dev/null", "w"))! : fopen(path, mode)!
      for closes in [false, true] {
        try expect(fputws(words, out) >= 0, "errno \(errno)")
        if closes { fclose(out) } else { try expectEqual(fflush(out), 0) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, 16)
        try expectEqual(Array(bytes.prefix(max(count, 0))), expected)
      }
      let stream = fopen(path, "r,ccs=UTF-16LE")!
      try expectEqual(write(descriptor, own + [10, 0], 6), 6)
      var line = [wchar_t](repeating: 0, count: 8)
      try expect(fgetws(&line, 8, stream) != nil, "errno \(errno)")
      try expectEqual(Array(line.prefix(4)), Array(words.dropLast()) + [10, 0])
      fclose(stream)
      // The next stream, maybe at the same address, is of the locale's set.
      let plain = fopen(path, "w")!
      try expect(fputws(words, plain) >= 0, "errno \(errno)")
      fclose(plain)
      var bytes = [UInt8](repeating: 0, count: 16)
      try expectEqual(read(descriptor, &bytes, 16), 3)
    }
    close(descriptor)
  },
  Case("while a thread scans a stream, what asks for that stream waits in the hub") {
    try later("12 pear 7x") { descriptor in
      let stream = fdopen(dup(descriptor), "r")!
      var word = [wchar_t](repeating: 0, count: 16)
      var number: CInt = 0
      var isDone = false
      var answers: [CInt] = []
      try together(
        {
          try expectEqual(calls_scan_wide(stream, &word, &number), 1)
          isDone = true
        },
        {
          usleep(5000)
          answers.append(feof(stream))
          try expect(isDone, "feof did not wait")
        },
        {
          usleep(5000)
          answers.append(ferror(stream))
          clearerr(stream)
          try expect(isDone, "ferror did not wait")
        },
        {
          usleep(5000)
          answers.append(fflush(nil))
          try expect(isDone, "fflush did not wait")
        })
      try expectEqual(answers, [0, 0, 0])
      fclose(stream)
    }
  },
  Case("a FIFO whose writer has come and gone is opened, and what it wrote is read") {
    let path = "/tmp/greenfinch-gone-\(getpid())"
    try expectEqual(mkfifo(path, 0o600), 0)
    defer { unlink(path) }
    let opens: [() -> UnsafeMutablePointer<FILE>?] = [
      { freopen(path, "r", fopen("/dev/null", "r")) }, { fopen(path, "r,ccs=UTF-8") },
    ]
    for open in opens {
      // It waits in the kernel for a reader, and so is gone again before that looks for a writer.
      let writer = PlainThread {
        let descriptor = Glibc.open(path, O_WRONLY)
        write(descriptor, "x", 1)
        close(descriptor)
      }
      let stream = open()
      try expect(stream != nil, "errno \(errno)")
      writer.join()
      var descriptor = pollfd(fd: fileno(stream), events: CShort(POLLIN), revents: 0)
      try expectEqual(poll(&descriptor, 1, 5000), 1)
      fclose(stream)
    }
  },
  Case("getw, putw and gethostid wait in the hub") {
    let ends = makePipe()
    let (reader, writer) = (fdopen(ends.read, "r"), fdopen(ends.write, "w"))
    try whileOthersRun {
      let later = Fiber.spawn {
        usleep(30_000)
        try expectEqual(putw(0x0102_0304, writer), 0)
        fflush(writer)
      }
      try expectEqual(getw(reader), 0x0102_0304)
      try later.value
    }
    fclose(reader)
    fclose(writer)
    let own = gethostid()
    try expectEqual(offload { gethostid() }, own)
  },
  Case("errno is what it was after gethostbyname and its kin") {
    errno = EXDEV
    try expect(gethostbyname("localhost") != nil, "no localhost")
    try expectEqual(errno, EXDEV, "gethostbyname")
    try expect(gethostbyname2("localhost", AF_INET) != nil, "no localhost")
    try expectEqual(errno, EXDEV, "gethostbyname2")
    var address = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
    _ = gethostbyaddr(&address, 4, AF_INET)
    try expectEqual(errno, EXDEV, "gethostbyaddr")
  },
]
