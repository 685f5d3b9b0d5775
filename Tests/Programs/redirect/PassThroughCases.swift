import CCalls
import CaseSupport
import Glibc
import Green
import GreenRedirect

// Where a call is the real call although a fiber makes it.

let passThroughCases = [
  Case("between vfork and exec calls do not park") {
    let ends = makePipe()
    nonisolated(unsafe) var turns = 0
    let other = Fiber.spawn {
      while turns < 5 {
        turns += 1
        usleep(1000)
      }
    }
    Fiber.yield()
    write(ends.write, "abc", 3)
    // While the child runs, this thread and with it the other fiber stand still.
    try expectEqual(ccalls_vfork(ends.read, 20_000), 3, "the child's status")
    try other.value
    var byte: UInt8 = 0
    let reader = Fiber.spawn { try expectEqual(read(ends.read, &byte, 1), 1, "read after vfork") }
    usleep(5000)
    try expect(!reader.isFinished, "the redirect is off after vfork")
    write(ends.write, "d", 1)
    try reader.value
  },
  Case(
    "in a handler that was there before the redirect calls do not park",
    skip: Sanitizer.skip(under: .thread, Sanitizer.holdsSignalsBack)
  ) {
    let turns = allocated(CInt(0))
    nonisolated(unsafe) let count = turns
    let other = Fiber.spawn { for _ in 0..<5 { usleep(200); count.pointee += 1 } }
    Fiber.yield()
    try expectEqual(ccalls_raise_early(turns), 0, "turns of another fiber")
    try other.value
    try expectEqual(turns.pointee, 5)
  },
  Case(
    "in a signal handler calls do not park", skip: Sanitizer.skip(under: .thread, Sanitizer.holdsSignalsBack)
  ) {
    let ends = makePipe()
    try expectEqual(ccalls_handle(SIGUSR2, ends.read), 0)
    nonisolated(unsafe) var turns = 0
    let other = Fiber.spawn {
      turns += 1
      Fiber.yield()
      turns += 1
    }
    Fiber.yield()
    let thread = PlainThread {
      usleep(20_000)
      write(ends.write, "a", 1)
    }
    raise(SIGUSR2)  // to this thread
    try expectEqual(turns, 1, "turns of the other fiber while the handler ran")
    thread.join()
    try expectEqual(ccalls_handled(), 1, "what the handler read")
    try other.value
    try expectEqual(ccalls_handler_is_seen(SIGUSR2), 0, "what the program sees of its handler")
  },
  Case("a family that is switched off passes through, the others do not") {
    try expectEqual(Redirect.families, .all)
    Redirect.families = RedirectFamilies.all.subtracting(.sleep)
    defer { Redirect.families = .all }
    let turns = Count()
    let other = Fiber.spawn { turns.add() }
    usleep(2000)
    try expectEqual(turns.value, 0, "turns of the other fiber during usleep")
    let ends = makePipe()
    // A read that kept the thread would wait for ever.
    let thread = PlainThread {
      while turns.value == 0 { usleep(1000) }
      write(ends.write, "a", 1)
    }
    var byte: UInt8 = 0
    try expectEqual(read(ends.read, &byte, 1), 1)
    try expectEqual(turns.value, 1, "turns of the other fiber during read")
    thread.join()
    try other.value
  },
  Case("which families are redirected can be written and read") {
    for (text, families) in [
      ("on", RedirectFamilies.all), ("off", []), ("sockets,sleep", [.sockets, .sleep]),
      ("-sockets, -sleep", RedirectFamilies.all.subtracting([.sockets, .sleep])),
    ] {
      try expectEqual(RedirectFamilies(text), families, text)
      try expectEqual(RedirectFamilies(families.description), families, families.description)
    }
    for text in ["", "-", "socket", "sockets,-sleep", "-sockets,sleep", "On"] {
      try expect(RedirectFamilies(text) == nil, "\"\(text)\" was understood")
    }
  },
  // Run with GREEN_REDIRECT=off.
  Case("the redirect is off", isHidden: true) {
    try expectEqual(Redirect.families, [])
    nonisolated(unsafe) var turns = 0
    let other = Fiber.spawn { turns += 1 }
    usleep(2000)
    try expectEqual(turns, 0, "turns of the other fiber during usleep")
    try other.value
  },
  Case("the names of the entry points", isHidden: true) {
    for entry in Redirect.entries { print(entry.name) }
  },
  Case("the table of the entry points", isHidden: true) {
    print("| function | family | manual | in a fiber |\n| --- | --- | --- | --- |")
    for entry in Redirect.entries {
      let family = entry.families.isEmpty ? "always" : entry.families.description
      print("| `\(entry.name)` | \(family) | \(entry.page) | \(entry.promise) |")
    }
  },
]
