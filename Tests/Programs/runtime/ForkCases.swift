import CSandbox
import CaseSupport
import Glibc
import Green
import GreenHTTP
import GreenTesting

/// Answers with the number of a child, which comes back too, as one does whose exec has failed.
private struct ForkingApplication: Application {
  /// How: `fork`, or a way of which no handler of fork hears.
  var how = "fork"

  func respond(to request: Request) throws -> Response {
    let child = how == "fork" ? fork() : csandbox_fork(how)
    return Response(child == 0 ? "child" : "parent of \(child).")
  }
}

/// Has a server's client ask ten times: each time the parent answers, and the child ends.
private func expectOneAnswer(of application: ForkingApplication) throws {
  let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
  let server = HTTPServer(listener, application: application)
  try server.start()
  let client = try Socket.connect(to: listener.address!)
  var buffer = [UInt8](repeating: 0, count: 4096)
  for _ in 0..<10 {
    try Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).withUnsafeBytes { try client.send($0) }
    let count = try buffer.withUnsafeMutableBytes { try client.receive(into: $0, until: .after(.seconds(20))) }
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    try expect(text.contains("\r\n\r\nparent of ") && !text.contains("child"), text)
    let number = text.split(separator: " ").last?.dropLast() ?? ""
    guard let child = Int32(number) else { throw Failure(description: text) }
    try expectEqual(waitFor(child), exited(0), "the child's status")
  }
  try expectEqual(try server.stop(grace: .seconds(20)), 0, "connections cut off")
}

/// Forks; the child runs `body` and exits with 7 when it returns, or 8 when it throws.
///
/// - Returns: whether the child ended with 7.
private func inChild(_ body: () throws -> Void) throws -> Bool {
  let child = fork()
  if child == 0 {
    // Not inherited: a child that hangs must not outlive the case.
    alarm(50)
    do {
      try body()
      _exit(7)
    } catch {
      let text = "in the child: \(error)\n"
      write(2, text, text.utf8.count)
      _exit(8)
    }
  }
  var status: CInt = 0
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return status == 7 << 8
}

/// What a hub can do: fibers, timers, descriptors, names of its own.
private func useHub() throws {
  let fiber = Fiber.spawn {
    try Fiber.sleep(for: .milliseconds(2))
    return 5
  }
  try expectEqual(try fiber.value, 5)
  let event = Event()
  Hub.current!.after(.milliseconds(2)) { event.set() }
  try event.wait(until: .after(.seconds(10)))
  let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
  let server = Fiber.spawn { try listener.accept() }
  let client = try Socket.connect(to: listener.address!, until: .after(.seconds(10)))
  let accepted = try server.value
  try "hello".utf8CString.withUnsafeBytes { try client.send($0) }
  var buffer = [UInt8](repeating: 0, count: 16)
  let count = try buffer.withUnsafeMutableBytes { try accepted.receive(into: $0, until: .after(.seconds(10))) }
  try expectEqual(count, 6)
  _ = try Resolver.addresses(of: "localhost", port: 80)
}

let forkCases = [
  Case("a fork deep inside other fibers goes on there and nowhere else") {
    var isOver = false
    let busy = (0..<5).map { _ in Fiber.spawn { while !isOver { Fiber.yield() } } }
    let mark = makePipe()
    let forking = Fiber.spawn {
      try Fiber.spawn {
        let isFine = try inChild {
          try expectEqual(Hub.current!.fiberCount, 1)
          for _ in 0..<100 { Fiber.yield() }
          try useHub()
          // Were another fiber to run here, it would end the child in its own way.
          try expectEqual(Hub.current!.fiberCount, 1)
        }
        try expect(isFine, "the child")
      }.value
      // Only the parent comes here: the child's copy of this fiber is gone.
      var byte: UInt8 = 1
      write(mark.write, &byte, 1)
    }
    try forking.value
    isOver = true
    for fiber in busy { try fiber.value }
    var marks = [UInt8](repeating: 0, count: 10)
    try expectEqual(read(mark.read, &marks, 10), 1, "marks")
  },
  Case("what a timer of the parent holds is not let go of in a forked child") {
    final class Held {
      let mark: CInt
      init(_ mark: CInt) { self.mark = mark }
      deinit {
        var byte: UInt8 = 1
        write(mark, &byte, 1)
      }
    }
    let mark = makePipe()
    let timer = Hub.current!.after(.seconds(60)) { [held = Held(mark.write)] in withExtendedLifetime(held) {} }
    try expect(try inChild { try useHub() }, "the child")
    timer.cancel()
    var marks = [UInt8](repeating: 0, count: 10)
    try expectEqual(read(mark.read, &marks, 10), 1, "marks")
  },
  Case("no timer and no watcher of the parent fires in a forked child") {
    let (ends, mark) = (makePipe(), makePipe())
    let note: @Sendable () -> Void = {
      var byte: UInt8 = 1
      write(mark.write, &byte, 1)
    }
    Hub.current!.after(.milliseconds(50), repeating: .seconds(30)) { note() }
    let reader = Fiber.spawn {
      try Readiness.wait(for: ends.read, .read)
      note()
    }
    let sleepers = (0..<3).map { _ in
      Fiber.spawn {
        try Fiber.sleep(for: .milliseconds(50))
        note()
      }
    }
    Fiber.yield()
    let isFine = try inChild {
      var byte: UInt8 = 1
      write(ends.write, &byte, 1)
      try Fiber.sleep(for: .milliseconds(200))
      try useHub()
    }
    try expect(isFine, "the child")
    try reader.value
    for sleeper in sleepers { try sleeper.value }
    try Fiber.sleep(for: .milliseconds(5))
    var marks = [UInt8](repeating: 0, count: 100)
    // Four fibers and the timer's first call, all of them in the parent.
    try expectEqual(read(mark.read, &marks, 100), 5, "marks")
  },
  Case("a child of a child of a fork has an empty hub too") {
    let sleeper = Fiber.spawn { try Fiber.sleep(for: .milliseconds(300)) }
    let isFine = try inChild {
      let mine = Fiber.spawn { try Fiber.sleep(for: .milliseconds(100)) }
      Fiber.yield()
      let isFine = try inChild {
        try expectEqual(Hub.current!.fiberCount, 1)
        try useHub()
      }
      try expect(isFine, "the grandchild")
      try mine.value
    }
    try expect(isFine, "the child")
    try sleeper.value
  },
  Case("what another fiber holds at a fork stays with the parent") {
    let mutex = Mutex(0)
    let release = Event()
    let holder = Fiber.spawn { try mutex.withLock { _ in try release.wait() } }
    Fiber.yield()
    let isFine = try inChild {
      do {
        try mutex.withLock(until: .after(.milliseconds(20))) { $0 += 1 }
        throw Failure(description: "took a lock that is held")
      } catch let error where "\(error)".contains("imed out") {}
      do {
        try holder.join(until: .after(.milliseconds(20)))
        throw Failure(description: "joined a fiber that is not there")
      } catch let error where "\(error)".contains("imed out") {}
    }
    try expect(isFine, "the child")
    release.set()
    try holder.value
    mutex.withLock { $0 += 1 }
  },
  Case("a thread without a hub forks beside one, and the child runs a hub of its own") {
    nonisolated(unsafe) var isFine = false
    let done = Event()
    let thread = PlainThread {
      // The hub's thread is to be waiting: a child of several threads has the locks as they were, those of the Swift
      // runtime too.
      while !isFirstThreadAsleep() { usleep(1000) }
      isFine =
        (try? inChild {
          try expect(Hub.current == nil, "the child has a hub")
          try expect((try? Fiber.spawn {}.value) == nil, "a fiber without a hub")
          try Hub.run { try useHub() }
        }) ?? false
      done.set()
    }
    try done.wait()
    thread.join()
    try expect(isFine, "the child")
  },
  Case("many fork at once, each in a fiber of its own") {
    try together(
      (0..<10).map { index in
        {
          try Fiber.sleep(for: .milliseconds(index % 3))
          let isFine = try inChild {
            try expectEqual(Hub.current!.fiberCount, 1)
            try Fiber.sleep(for: .milliseconds(1))
          }
          try expect(isFine, "child \(index)")
        }
      })
  },
  Case("a program that a child executes inherits no descriptor of the hub") {
    try useHub()
    try Fiber.sleep(for: .microseconds(100))
    let output = makePipe()
    let child = fork()
    if child == 0 {
      dup2(output.write, 1)
      close(output.read)
      close(output.write)
      let texts = ["/bin/ls", "/proc/self/fd"]
      let arguments: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
      execv("/bin/ls", arguments)
      _exit(127)
    }
    close(output.write)
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 1000)
    while case let count = read(output.read, &buffer, 1000), count > 0 {
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    waitpid(child, nil, 0)
    // Its standard descriptors, and the folder that it lists. The test's own may have others, which it was given.
    let inherited = text.split(whereSeparator: \.isWhitespace).compactMap { CInt($0) }.filter { $0 > 3 }
    let kinds = inherited.filter { descriptor in
      var path = [UInt8](repeating: 0, count: 200)
      let count = path.withUnsafeMutableBytes { readlink("/proc/self/fd/\(descriptor)", $0.baseAddress!, $0.count) }
      return String(decoding: path.prefix(max(0, count)), as: UTF8.self).hasPrefix("anon_inode")
    }
    try expectEqual(kinds, [], "inherited")
  },
  Case("a child that comes back from a handler of an HTTP server does not answer a second time") {
    for how in ["fork", "_Fork", "syscall"] { try expectOneAnswer(of: ForkingApplication(how: how)) }
  },
  Case("a test hub forks as others do") {
    try TestHub.run(seed: 1) {
      let others = (0..<5).map { _ in Fiber.spawn { try Fiber.sleep(for: .seconds(3600)) } }
      Fiber.yield()
      let isFine = try inChild {
        try expectEqual(Hub.current!.fiberCount, 1)
        let fibers = (0..<5).map { _ in Fiber.spawn { try Fiber.sleep(for: .seconds(3600)) } }
        for fiber in fibers { try fiber.value }
      }
      try expect(isFine, "the child")
      for other in others { try other.value }
    }
  },
]
