import CaseSupport
import Glibc
import Green
import GreenRedirect
import ThreadCalls
import WaitCalls

private enum Locals {
  @TaskLocal static var name = "none"
  static let colour = FiberLocal("none")
}

/// Runs `count` fibers that are whole threads, at once; the first error is thrown.
private func apart(_ count: Int, _ body: @escaping (Int) throws -> Void) throws {
  let fibers = (1...count).map { index in Fiber.spawn(isolation: .thread) { try body(index) } }
  for fiber in fibers { try fiber.value }
}

private func isolated(_ name: String, _ body: @escaping @Sendable () throws -> Void) -> Case {
  Case(name, skip: FiberIsolation.refusal, body)
}

// What the redirect leaves the thread's in an ordinary fiber, and more.
let isolationCases = [
  isolated("thread_local variables of C++ are made for each") {
    try apart(10) { _ in
      let first = thread_calls_count(1000)
      usleep(1000)
      try expectEqual(thread_calls_count(1000), first + 1)
    }
  },
  isolated("thread_local variables of C++ are destroyed at the fiber's end, and the next one's are made anew") {
    for _ in 0..<3 {
      let before = thread_calls_counters_destroyed()
      try apart(5) { _ in
        try expectEqual(thread_calls_count(500), 1)
        usleep(500)
        try expectEqual(thread_calls_count(500), 2)
      }
      // The last one's may be waiting still.
      for _ in 0..<1000 where thread_calls_counters_destroyed() - before < 5 { usleep(500) }
      try expectEqual(thread_calls_counters_destroyed() - before, 5)
    }
  },
  isolated("destructors of keys run at the fiber's end, and the next one finds no value") {
    var key = pthread_key_t()
    try expectEqual(calls_counted_key(&key), 0)
    for _ in 0..<3 {
      let before = calls_destroyed()
      try apart(5) { index in
        try expect(pthread_getspecific(key) == nil, "a value at first")
        pthread_setspecific(key, UnsafeMutableRawPointer(bitPattern: index))
        usleep(500)
      }
      for _ in 0..<1000 where calls_destroyed() - before < 5 { usleep(500) }
      try expectEqual(calls_destroyed() - before, 5)
    }
    pthread_key_delete(key)
  },
  isolated("keys, errno, the locale and the thread's identity are the fiber's") {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    pthread_setspecific(key, UnsafeMutableRawPointer(bitPattern: 99))
    let (thread, plain) = (pthread_self(), uselocale(nil))
    var identities: Set<pthread_t> = [thread]
    try apart(20) { index in
      try expect(pthread_getspecific(key) == nil, "a value at first")
      pthread_setspecific(key, UnsafeMutableRawPointer(bitPattern: index))
      let own = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
      uselocale(own)
      identities.insert(pthread_self())
      errno = CInt(index)
      for _ in 0..<3 {
        Fiber.yield()
        let number = errno
        try expectEqual(number, CInt(index), "errno")
        try expect(pthread_getspecific(key) == UnsafeMutableRawPointer(bitPattern: index), "the key's value")
        try expect(uselocale(nil) == own, "the locale is another's")
      }
      uselocale(plain)
      freelocale(own)
      pthread_setspecific(key, nil)
      try expect((1..<600 * 1024).contains(thread_calls_stack_bytes()), "the stack's bounds")
    }
    try expectEqual(identities.count, 21)
    try expect(pthread_getspecific(key) == UnsafeMutableRawPointer(bitPattern: 99), "the thread's value")
    try expect(uselocale(nil) == plain && pthread_self() == thread, "the thread is another")
    pthread_key_delete(key)
  },
  isolated("a fiber that is a thread inherits task-locals and fiber-locals, waits, and is cancelled") {
    try Locals.$name.withValue("parent") {
      try Locals.colour.withValue("red") {
        try apart(10) { index in
          try expectEqual(Locals.name, "parent")
          try expectEqual(Locals.colour.value, "red")
          try Locals.$name.withValue("fiber \(index)") {
            usleep(1000)
            try expectEqual(Locals.name, "fiber \(index)")
            let child = Fiber.spawn(isolation: .thread) { Locals.name }
            try expectEqual(try child.value, "fiber \(index)")
            let plain = Fiber.spawn { Locals.name }
            try expectEqual(try plain.value, "fiber \(index)")
          }
          try expectEqual(Locals.name, "parent")
        }
      }
    }
    try expectEqual(Locals.name, "none")
    let sleeper = Fiber.spawn(isolation: .thread) { try Fiber.sleep(for: .seconds(60)) }
    Fiber.yield()
    sleeper.cancel()
    do {
      try sleeper.value
      throw Failure(description: "it was not cancelled")
    } catch is CancellationError {}
  },
  isolated("locks and descriptors are waited for between threads of fibers and plain fibers") {
    var lock = pthread_mutex_t()
    pthread_mutex_init(&lock, nil)
    var total = 0
    let plain = (1...10).map { _ in
      Fiber.spawn {
        pthread_mutex_lock(&lock)
        let before = total
        usleep(500)
        total = before + 1
        pthread_mutex_unlock(&lock)
      }
    }
    try apart(10) { _ in
      pthread_mutex_lock(&lock)
      let before = total
      usleep(500)
      total = before + 1
      pthread_mutex_unlock(&lock)
    }
    for fiber in plain { try fiber.value }
    try expectEqual(total, 20)
    var ends: [CInt] = [0, 0]
    try expectEqual(pipe(&ends), 0)
    let reader = Fiber.spawn(isolation: .thread) { () -> Int in
      var byte: UInt8 = 0
      return read(ends[0], &byte, 1)
    }
    Fiber.yield()
    var byte: UInt8 = 7
    try expectEqual(write(ends[1], &byte, 1), 1)
    try expectEqual(try reader.value, 1)
    close(ends[0])
    close(ends[1])
  },
  isolated("a thousand fibers that are threads, again and again") {
    for _ in 0..<3 {
      var sum = 0
      try apart(1000) { index in
        usleep(1000)
        sum += index
      }
      try expectEqual(sum, 500_500)
    }
  },
  isolated("a robust lock of a fiber that is a thread is found when its process dies") {
    try apart(3) { _ in try expectEqual(thread_calls_die_with_lock(), EOWNERDEAD) }
  },
  isolated("a fiber that is a thread forks by _Fork and changes its identity") {
    try apart(3) { _ in
      try expectEqual(thread_calls_bare_fork(), 0)
      try expectEqual(setuid(getuid()), 0)
      try expectEqual(setgid(getgid()), 0)
    }
  },
]
