import CaseSupport
import Glibc
import Green
import GreenTasks

/// Calls its function when the hub ends: then nothing is taken from other threads any more.
private final class LastMoment: HubExtension {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }

  func hubEnds(_ hub: Hub) { body() }
}

private let ranLate = Semaphore(0)

let processCases = [
  Case("a process that ran tasks forks, and the child runs tasks") {
    // The Swift runtime's own threads do not outlive a fork.
    guard TaskRuntime.mode == .process else { return }
    try Fiber.await { try await Task.sleep(for: .milliseconds(1)) }
    let other = Fiber.spawn { try Fiber.await { try await Task.sleep(for: .seconds(100)) } }
    Fiber.yield()
    let child = fork()
    if child == 0 {
      let value = try? Fiber.await { () -> Int in
        try await Task.sleep(for: .milliseconds(1))
        let counter = Counter()
        async let one: Void = counter.add()
        async let two: Void = counter.add()
        _ = await (one, two)
        return await counter.value + (await MainActor.run { 1 })
      }
      _exit(value == 3 ? 0 : 1)
    }
    var status: CInt = 0
    while waitpid(child, &status, WNOHANG) == 0 { usleep(1000) }
    try expectEqual(status, 0, "the child's status")
    other.cancel()
    try other.join()
  },
  Case("a task that forks goes on in both processes") {
    guard jobsRunInFibers else { return }
    guard TaskRuntime.mode == .process else { return }
    try Fiber.await {
      await Task.yield()
      let child = fork()
      await Task.yield()
      if child == 0 { _exit(7) }
      var status: CInt = 0
      while waitpid(child, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(1)) }
      try expectEqual(status, 7 << 8, "the child's status")
    }
  },
  Case("a forked child awaits on a thread of its own", isHidden: true) {
    let event = Event()
    let thread = PlainThread {
      let one = try? Fiber.await { () -> UInt in
        await Task.yield()
        return threadID()
      }
      let child = fork()
      if child == 0 {
        alarm(30)
        let two = try? Fiber.await { () -> UInt in
          await Task.yield()
          return threadID()
        }
        _exit(two == nil ? 1 : 0)
      }
      var status: CInt = 0
      while waitpid(child, &status, WNOHANG) == 0 { usleep(1000) }
      if one == nil || status != 0 { print("the child's status is \(status)") }
      event.set()
    }
    try event.wait()
    thread.join()
  },
  Case("a plain thread awaits on the hub that is there") {
    let hubThread = threadID()
    let event = Event()
    let thread = PlainThread {
      let value = try? Fiber.await { () -> UInt in
        try await Task.sleep(for: .milliseconds(1))
        return threadID()
      }
      if TaskRuntime.mode == .process && value != hubThread { print("not on the hub's thread") }
      event.set()
    }
    try event.wait()
    thread.join()
  },
  Case("a hub stays until the tasks have ended that threads await") {
    let (begun, ended) = (Event(), Event())
    Hub.current!.attach(LastMoment { if !ended.isSet { print("the hub has ended before") } })
    _ = PlainThread {
      try? Fiber.await {
        begun.set()
        try await Task.sleep(for: .milliseconds(50))
        ended.set()
      }
    }
    try begun.wait()
  },
  Case("code of the main actor is awaited") {
    // As at the top level of a program, whose code is the main actor's.
    let body: @MainActor () async throws -> Int = {
      await Task.yield()
      try await Task.sleep(for: .milliseconds(1))
      MainActor.assertIsolated()
      return 7
    }
    try expectEqual(try Fiber.await(body), 7, "the value")
  },
  Case("tasks are made while the hub ends", isHidden: true) {
    Hub.current!.attach(
      LastMoment {
        PlainThread {
          Task { ranLate.signal() }
          Task { @MainActor in ranLate.signal() }
        }.join()
      })
  },
  Case("tasks that were made while the hub before ended run", isHidden: true) {
    guard TaskRuntime.mode == .process else { return }
    for _ in 0..<2 { try ranLate.wait(until: .after(.seconds(30))) }
  },
  Case("tasks that another thread makes run on the hub") {
    guard TaskRuntime.mode == .process else { return }
    let (event, hubThread) = (Event(), threadID())
    let thread = PlainThread {
      Task {
        if threadID() == hubThread { event.set() }
      }
    }
    try event.wait(until: .after(.seconds(30)))
    thread.join()
  },
]
