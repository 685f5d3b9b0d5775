import Foundation
import Green
import SuiteSupport
import TestSupport
import Testing

let everyClass = [["-k", "sync"], ["-k", "green"], ["-k", "thread", "--threads", "4"]]

@Suite(.serialized, .bounded) struct WorkerClassTests {
  @Test(arguments: everyClass)
  func theSameProgramIsServed(_ arguments: [String]) throws {
    let server = try Server("hello", arguments)
    #expect(try get(server.port, "/plain").body == "Hello World!")
    #expect(try get(server.port, "/json").body == #"{"message":"Hello World!"}"#)
    #expect(try get(server.port, "/sleep/0.01").status == 200)
    #expect(try get(server.port, "/sleep/nonsense").status == 400)
    #expect(try get(server.port, "/nowhere").status == 404)
    #expect(try Client(port: server.port).exchange("POST /plain HTTP/1.0\r\n\r\n").status == 405)
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func abGetsAllItsAnswers(_ arguments: [String]) throws {
    let server = try Server("hello", ["-w", "2"] + arguments)
    for extra in [[], ["-k"]] {
      let outcome = try Program(system: "ab").run(
        ["-q", "-r", "-n", "200", "-c", "10"] + extra + ["http://127.0.0.1:\(server.port)/plain"])
      #expect(outcome.output.contains("Complete requests:      200"), "\(outcome.output)\(outcome.errors)")
      #expect(outcome.output.contains("Failed requests:        0"), "\(outcome.output)")
    }
  }

  @Test(arguments: [(["-k", "sync"], 5.0, 60.0), (["-k", "green"], 0, 3.0), (["--threads", "20"], 0, 3.0)])
  func twentyWaitsOfHalfASecondInTwoProcesses(_ arguments: [String], _ least: Double, _ most: Double) throws {
    let server = try Server("hello", ["-w", "2"] + arguments)
    let port = server.port
    let elapsed = try quickest(below: most) {
      try seconds { () throws in
        for result in atOnce(20, { _ in try get(port, "/") }) { #expect(try result.get().body == "Hello World!") }
      }
    }
    #expect(elapsed >= least && elapsed < most, "\(elapsed) s")
  }

  @Test(arguments: [("shared", 1), ("thread", 5)])
  func handlersAreThreadsToCWhereTheyAreAskedToBe(_ isolation: String, _ count: Int) throws {
    let server = try Server(["-k", "green", "--handler-isolation", isolation])
    let isRefused = Sanitizer.current != nil || FiberIsolation.refusal != nil
    let expected = isRefused ? 1 : count
    var answers: [String] = []
    // Where there are to be five, five clients must have come at once.
    let areSo = try passesOnce(of: expected) {
      answers = try atOnce(5) { [port = server.port] _ in try get(port, "/identity").body }.map { try $0.get() }
      return Set(answers).count == expected
    }
    #expect(areSo, "\(answers)")
    #expect(
      server.log.contains("Handlers share the worker's thread") == (isRefused && isolation == "thread"), "\(server.log)"
    )
    // The blocks of the first are used again, and more are made.
    for result in atOnce(100, { [port = server.port] _ in try get(port, "/sleep/50") }) { _ = try result.get() }
    #expect(try get(server.port, "/throw").status == 500)
    #expect(try get(server.port, "/threads").body == "1")
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func theMainQueuesAreServed(_ arguments: [String]) throws {
    let server = try Server(arguments)
    try server.waitUntil("a block of each") {
      let ran = Int(try get(server.port, "/main-queue").body) ?? 0
      return ran >= 1000 && ran % 1000 > 0
    }
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func theMainQueueIsServedWhileAHandlerAwaitsIt(_ arguments: [String]) throws {
    let server = try Server(arguments)
    for _ in 0..<3 { #expect(try get(server.port, "/awaits-main-queue").body == "it ran") }
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func tasksThatBlockingCodeBeginsRunFromTheFirstOn(_ arguments: [String]) throws {
    let server = try Server(arguments)
    for _ in 0..<3 { #expect(try get(server.port, "/tasks").body == "321") }
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass.dropFirst())
  func tasksOutliveHubsThatComeAndGo(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let answers = atOnce(2) { [port = server.port] index in
      try get(port, index == 0 ? "/hubs" : "/beside-hubs").body
    }
    #expect(try answers.map { try $0.get() } == ["gone", "slept"])
    #expect(server.stop() == 0)
  }

  @Test func aGreenWorkerHasOneThread() throws {
    let server = try Server(["-k", "green"])
    for result in atOnce(20, { [port = server.port] _ in try get(port, "/sleep/50") }) { _ = try result.get() }
    #expect(try get(server.port, "/threads").body == "1")
  }

  @Test func aSyncWorkerClosesEachConnection() throws {
    let server = try Server(["-k", "sync"])
    let client = try Client(port: server.port)
    #expect(try client.get("/pid").closes)
    #expect(try client.isClosedByServer())
  }

  @Test(arguments: everyClass.dropFirst())
  func aConnectionServesManyRequests(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let client = try Client(port: server.port)
    for _ in 0..<100 { #expect(try client.get("/pid").status == 200) }
  }

  @Test func syncWithThreadsIsTheThreadWorker() throws {
    let server = try Server(["-k", "sync", "--threads", "3"])
    #expect(server.logged("Using worker: thread"), "\(server.log)")
  }

  @Test(arguments: ["gevent", "eventlet", "gthread"])
  func gunicornsNamesAreUnderstood(_ name: String) throws {
    let server = try Server(["-k", name])
    #expect(server.logged("Using worker: \(name == "gthread" ? "thread" : "green")"), "\(server.log)")
  }
}
