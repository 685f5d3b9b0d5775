import Foundation
import SuiteSupport
import TestSupport
import Testing

@Suite(.serialized, .bounded) struct ProcessTests {
  @Test func theLogLinesAreGunicorns() throws {
    let server = try Server(["-w", "2", "-k", "green"])
    try server.waitUntil("two workers") { server.log.components(separatedBy: "Booting worker").count == 3 }
    let stamp = #"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] "#
    for line in [
      #"\[\#(server.pid)\] \[INFO\] Starting greenfinch \d+\.\d+\.\d+"#,
      #"\[\#(server.pid)\] \[INFO\] Listening at: http://127\.0\.0\.1:\#(server.port) \(\#(server.pid)\)"#,
      #"\[\#(server.pid)\] \[INFO\] Using worker: green"#, #"\[(\d+)\] \[INFO\] Booting worker with pid: \d+"#,
    ] {
      #expect(server.log.range(of: stamp + line, options: .regularExpression) != nil, "\(line) in:\n\(server.log)")
    }
    #expect(server.stop() == 0)
    #expect(server.logged("Handling signal: term") && server.logged("Shutting down: Master"))
  }

  @Test func aKilledWorkerIsReplaced() throws {
    let server = try Server(["-w", "2", "-k", "green"])
    let first = server.workers[0]
    let time = try quickest(below: 5) {
      let oldest = try #require(server.workers.first)
      return try seconds {
        kill(oldest, SIGKILL)
        try server.waitUntil("a replacement") { server.workers.count == 2 && !server.workers.contains(oldest) }
      }
    }
    #expect(time < 5)
    #expect(try get(server.port, "/pid").status == 200)
    #expect(server.logged("Worker (pid:\(first)) was sent SIGKILL! "), "\(server.log)")
    // Where the kernel does not tell, gunicorn's guess.
    #expect(
      server.log.contains("SIGKILL! Not by the kernel for want of memory, which has killed none of its control group.")
        || server.log.contains("SIGKILL! Perhaps out of memory?"), "\(server.log)")
  }

  @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer takes memory that it does not use"))
  func anEndForWantOfMemoryIsToldFromOthers() throws {
    let group = try MemoryGroup(megabytes: 150)
    let server = try Server(
      "/bin/sh", ["-c", "echo $$ > \(group.members); exec \"$0\" \"$@\"", Program("app").path, "-k", "green"])
    let worker = server.workers[0]
    #expect(throws: (any Error).self) { try get(server.port, "/grow/400") }
    let told = "was sent SIGKILL! Out of memory: the kernel has killed a process of its control group."
    #expect(server.logged("Worker (pid:\(worker)) \(told)"), "\(server.log)")
    try server.waitUntil("a replacement") { (try? get(server.port, "/pid"))?.status == 200 }
    #expect(server.stop() == 0)
  }

  @Test func onlyAKilledWorkersOwnRequestsFail() throws {
    let server = try Server(["-w", "2", "-k", "green"])
    let port = server.port
    let victim = server.workers[0]
    let isReplaced = Flag()
    // Each asks until the victim's place is taken, and then some times more.
    let asking = (0..<8).map { _ in
      Thread.running { () -> [Int?] in
        var answers: [Int?] = []
        while !isReplaced.isSet { answers.append((try? get(port, "/begin/10"))?.status) }
        return answers + (0..<10).map { _ in (try? get(port, "/begin/10"))?.status }
      }
    }
    defer { isReplaced.set() }
    try server.waitForBegun(40)
    kill(victim, SIGKILL)
    #expect(server.logged("Worker (pid:\(victim)) was sent SIGKILL!"), "\(server.log)")
    try server.waitUntil("a replacement") { server.workers.count == 2 && !server.workers.contains(victim) }
    isReplaced.set()
    let answers = try asking.flatMap { try $0.get() }
    let failed = answers.filter { $0 != 200 }.count
    #expect(failed <= 8, "\(failed) of \(answers.count) failed: at most one a client can have been the victim's")
  }

  @Test func withoutItsMasterAWorkerEnds() throws {
    let server = try Server(["-w", "2", "-k", "green"])
    let workers = server.workers
    #expect(workers.count == 2)
    kill(server.pid, SIGKILL)
    try server.waitUntil("the workers' end") { !workers.contains(where: exists) }
  }

  @Test(arguments: everyClass)
  func termLetsRequestsInProgressFinish(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let (port, gate) = (server.port, try Gate())
    let path = gate.path
    let asking = Thread.running { try get(port, path).body }
    try server.waitForBegun()
    kill(server.pid, SIGTERM)
    #expect(server.logged("Handling signal: term"), "\(server.log)")
    gate.open()
    #expect(try asking.get() == "done")
    #expect(server.waitForEnd() == 0)
  }

  @Test(arguments: everyClass)
  func stopHooksFollowTheLastRequestAndTheBackground(_ arguments: [String]) throws {
    let server = try Server(arguments, environment: ["APP_STOPS": "1"])
    let port = server.port
    let pid = server.pid
    let asking = Thread.running { try get(port, "/late/300").body }
    try server.waitForBegun()
    kill(pid, SIGTERM)
    #expect(try asking.get() == "late")
    #expect(server.waitForEnd() == 0)
    #expect(server.logged("the worker stops"), "\(server.log)")
    let ends = ["the request has ended", "the background has ended", "the worker stops"]
    let places = ends.compactMap { server.log.range(of: $0)?.lowerBound }
    #expect(places.count == 3 && places == places.sorted(), "\(server.log)")
  }

  @Test(arguments: everyClass)
  func aWorkerThatStopsAtOnceCallsNoStopHook(_ arguments: [String]) throws {
    let server = try Server(arguments, environment: ["APP_STOPS": "1"])
    #expect(server.stop(SIGINT) == 0)
    #expect(!server.log.contains("the worker stops"), "\(server.log)")
  }

  @Test(arguments: everyClass)
  func intEndsAWorkerInItsStopHooks(_ arguments: [String]) throws {
    // For longer than anybody waits for it.
    let server = try Server(arguments, environment: ["APP_STOPS": "10000"])
    let worker = server.workers[0]
    kill(server.pid, SIGTERM)
    #expect(server.logged("the worker begins to stop"), "\(server.log)")
    kill(worker, SIGINT)
    #expect(server.waitForEnd() == 0)
    #expect(!server.log.contains("the worker stops"), "\(server.log)")
  }

  @Test(arguments: everyClass)
  func intJustAfterTermCallsNoStopHookToItsEnd(_ arguments: [String]) throws {
    let server = try Server(arguments, environment: ["APP_STOPS": "10000"])
    let worker = server.workers[0]
    // While the worker looks whether the whole server stops.
    kill(worker, SIGTERM)
    usleep(30_000)
    kill(worker, SIGINT)
    try server.waitUntil("the worker's end") { !exists(worker) }
    #expect(!server.log.contains("the worker stops"), "\(server.log)")
  }

  @Test(arguments: everyClass)
  func intStopsAtOnce(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let (port, gate) = (server.port, try Gate())
    let path = gate.path
    let asking = Thread.running { (try? get(port, path))?.body }
    try server.waitForBegun()
    // The request does not end by itself.
    kill(server.pid, SIGINT)
    #expect(try asking.get() == nil, "its request is not answered")
    #expect(server.waitForEnd() == 0)
  }

  @Test(arguments: everyClass.dropFirst())
  func termClosesIdleConnectionsAtOnce(_ arguments: [String]) throws {
    let elapsed = try quickest(below: 5) {
      let server = try Server(arguments)
      let client = try Client(port: server.port)
      _ = try client.get("/pid")
      let elapsed = seconds { #expect(server.stop() == 0) }
      #expect(try client.isClosedByServer())
      return elapsed
    }
    #expect(elapsed < 5)
  }

  @Test(arguments: everyClass)
  func aWorkerThatHangsIsKilledReportedAndReplaced(_ arguments: [String]) throws {
    // A thread worker hangs when all its threads do.
    let server = try Server(arguments.map { $0 == "4" ? "2" : $0 } + ["--timeout", "1"])
    let worker = try #require(server.workers.first)
    let port = server.port
    _ = atOnce(2) { _ in try? get(port, "/spin") }
    try server.waitUntil("a replacement") { !server.workers.isEmpty && !server.workers.contains(worker) }
    #expect(server.logged("WORKER TIMEOUT (pid:\(worker))"), "\(server.log)")
    #expect(server.logged("GET /spin"), "what it was doing: \(server.log)")
    try server.waitUntil("an answer") { (try? get(port, "/pid"))?.status == 200 }
  }

  @Test(arguments: [["-k", "sync"], ["-k", "thread", "--threads", "2"]])
  func aThreadThatWaitsForItsClientIsNoWorkerThatHangs(_ arguments: [String]) throws {
    let places = arguments.count > 2 ? 2 : 1
    var log = ""
    // One that is stopped itself for as long hangs.
    let areServed = try passesOnce {
      let servers = try (0..<3).map { _ in try Server(arguments + ["--timeout", "2"]) }
      let workers = servers.map(\.workers)
      let trials: [(first: String, rest: String, body: String)] = [
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345", "67890", "1234567890"),
        ("GET /pid HTTP/1.1\r\nHo", "st: x\r\n\r\n", "\(workers[1].first ?? 0)"),
        ("GET /large HTTP/1.1\r\nHost: x\r\n\r\n", "", String(repeating: "x", count: 3_000_000)),
      ]
      let clients = try zip(servers, trials).map { server, trial in
        try (0..<places).map { _ in
          let client = try Client(port: server.port)
          try client.send(Array(trial.first.utf8))
          return client
        }
      }
      usleep(4_500_000)
      let areRight = zip(clients, trials).map { clients, trial in
        clients.allSatisfy { (try? $0.exchange(trial.rest))?.body == trial.body }
      }
      log = servers.map(\.log).joined()
      return areRight == [true, true, true] && servers.map(\.workers) == workers
    }
    #expect(areServed, "\(log)")
  }

  @Test func aSyncWorkersRequestHasTheWholeTimeout() throws {
    var log = ""
    // One that is stopped for half a second more has had it.
    let isServed = try passesOnce {
      let server = try Server(["-k", "sync", "--timeout", "4"])
      _ = try? get(server.port, "/pid")
      // Just before the worker would beat by itself.
      usleep(900_000)
      let answer = try? get(server.port, "/sleep/3400")
      log = server.log
      return answer?.body == "slept"
    }
    #expect(isServed, "\(log)")
  }

  @Test func aWaitLongerThanTheTimeoutIsFineInAGreenWorker() throws {
    // A worker that is stopped for a second is another matter.
    let isFine = try passesOnce {
      let server = try Server(["-k", "green", "--timeout", "1"])
      return (try? get(server.port, "/sleep/3000"))?.body == "slept"
    }
    #expect(isFine)
  }

  @Test func anOverflowEndsItsWorkerAndNamesTheRequest() throws {
    let server = try Server(
      ["-k", "green"],
      environment: ["SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "handle_segv=0", "TSAN_OPTIONS": "handle_segv=0"])
    #expect(throws: (any Error).self) { try get(server.port, "/deep") }
    try server.waitUntil("a replacement") { (try? get(server.port, "/pid"))?.status == 200 }
    #expect(server.logged("\"GET /deep\" overflowed its stack"), "\(server.log)")
  }

  @Test(arguments: everyClass)
  func aCrashIsLoggedWithItsRequest(_ arguments: [String]) throws {
    let server = try Server(arguments, environment: ["SWIFT_BACKTRACE": "enable=no"])
    let worker = server.workers[0]
    #expect(throws: (any Error).self) { try get(server.port, "/crash?a") }
    #expect(server.logged("(pid:\(worker)) was sent SIG"), "\(server.log)")
    #expect(server.log.contains("! In GET /crash?a"), "\(server.log)")
    try server.waitUntil("a replacement") { (try? get(server.port, "/pid"))?.status == 200 }
  }

  @Test(
    .disabled(if: Sanitizer.current != nil, "a sanitizer's memory is beyond what Swift's crash reporter can read"),
    arguments: everyClass)
  func aCrashIsToldBySwiftsBacktrace(_ arguments: [String]) throws {
    // As an operator has it, who knows nothing of SWIFT_BACKTRACE.
    let server = try Server(
      "/bin/sh", ["-c", "unset SWIFT_BACKTRACE; exec \"$0\" \"$@\"", Program("app").path] + arguments)
    let worker = server.workers[0]
    #expect(throws: (any Error).self) { try get(server.port, "/crash") }
    try server.waitUntil("its end", seconds: 180) { server.log.contains("(pid:\(worker)) was sent SIG") }
    #expect(server.log.contains(/closure #\d+ in .*main\.swift:\d+/), "\(server.log)")
    #expect(!server.log.contains("rax 0x") && !server.log.contains("x0 0x"), "memory may hold secrets: \(server.log)")
  }

  @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer's memory is beyond what Swift's crash reporter can read"))
  func aHangIsToldBySwiftsBacktrace() throws {
    var log = ""
    // The master gives the backtrace ten seconds, and one that is stopped for a second hangs in no request.
    let isTold = try passesOnce {
      let server = try Server(
        "/bin/sh",
        ["-c", "unset SWIFT_BACKTRACE; exec \"$0\" \"$@\"", Program("app").path, "-k", "green", "--timeout", "1"])
      guard let worker = server.workers.first else { return false }
      #expect((try? get(server.port, "/spin"))?.status == nil)
      try server.waitUntil("its end") { server.log.contains("WORKER TIMEOUT (pid:\(worker))") }
      log = server.log
      return log.contains("WORKER TIMEOUT (pid:\(worker)) in GET /spin")
        && log.contains(/closure #\d+ in .*main\.swift/)
    }
    #expect(isTold, "\(log)")
  }

  @Test func aHandlersErrorIsLoggedAndAnswered() throws {
    let server = try Server(["-k", "green"])
    let client = try Client(port: server.port)
    #expect(try client.get("/throw").status == 500)
    #expect(try client.get("/pid").status == 200)
    #expect(server.logged("Broken") && server.logged("/throw"), "\(server.log)")
  }

  @Test func aPathCannotForgeALogLine() throws {
    let server = try Server(["-k", "green"])
    _ = try get(server.port, "/throw%0a%5bforged%5d")
    _ = try get(server.port, "/throw?%0a%5bforged%5d")
    #expect(server.logged("Broken"))
    #expect(!server.log.contains("\n[forged]"), "\(server.log)")
  }

  @Test func anErrorsTextIsMarkedAsContinuedAndSpeaksToNoTerminal() throws {
    let server = try Server(["-k", "green", "--access-logfile", "/dev/stderr"])
    _ = try Client(port: server.port).exchange(
      "GET /throw/a%0a%5bforged%5d%0d%1b%5b31m%c2%9b31m HTTP/1.1\r\nHost: x\r\nUser-Agent: \u{9b}31m\r\n\r\n")
    #expect(server.logged("Told: a\n  | [forged]\\x0d\\x1b[31m\\x9b31m"), "\(server.log)")
    #expect(server.logged("\"-\" \"\\x9b31m\""), "\(server.log)")
    for control in ["\r", "\u{1b}", "\u{9b}", "\n[forged]"] { #expect(!server.log.contains(control), "\(server.log)") }
  }

  @Test func aServerStartedWithoutStandardStreamsServes() throws {
    let server = try Server("/bin/sh", ["-c", "exec \"$0\" \"$@\" <&- >&-", Program("app").path, "-k", "green"])
    #expect(try get(server.port, "/pid").status == 200)
    #expect(server.workers.count == 1)
  }

  @Test func aReplacementIsTheSameProgramWhenTheFileHasChanged() throws {
    let folder = try TemporaryFolder()
    let copy = folder.path + "/app"
    try copyProgram(Program("app").path, to: copy)
    let server = try Server(copy, ["-k", "green"])
    try FileManager.default.removeItem(atPath: copy)
    try Data("#!/bin/false\n".utf8).write(to: URL(fileURLWithPath: copy))
    let worker = server.workers[0]
    kill(worker, SIGKILL)
    try server.waitUntil("a replacement") {
      !server.workers.contains(worker) && (try? get(server.port, "/pid"))?.status == 200
    }
    _ = folder
  }
}
