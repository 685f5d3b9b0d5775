import Foundation
import SuiteSupport
import TestSupport
import Testing

/// A worker that has lost what it serves with does not live on as if all were well.
@Suite(.serialized, .bounded) struct ServiceTests {
  @Test(arguments: everyClass)
  func aWorkerWhoseListenerIsGoneEndsAndSaysWhy(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let worker = server.workers[0]
    _ = try? get(server.port, "/close-listener")
    try server.waitUntil("a replacement") {
      !server.workers.contains(worker) && (try? get(server.port, "/pid"))?.status == 200
    }
    #expect(server.logged("Worker (pid:\(worker)) ends: its service 'accept' failed"), "\(server.log)")
  }

  /// Whether a client that has asked is answered, and does not wait in the queue of a worker that can open no more.
  private func isAnswered(_ client: Client, by server: Server) throws -> Bool {
    try server.waitUntil("an answer, or word that there can be none") {
      try client.receivesSomething(within: 10) || server.log.contains("Cannot accept a connection")
    }
    // The last that could be accepted is answered when that has been said.
    return try client.receivesSomething(within: 1000)
  }

  /// The others wait in the kernel until some of those that were served have gone.
  @Test(arguments: everyClass.dropFirst())
  func aWorkerWithoutDescriptorsLeftSaysSoOnceAndGoesOn(_ arguments: [String]) throws {
    let server = try Server(
      "/bin/sh",
      ["-c", "ulimit -n 48; exec \"$0\" \"$@\"", Program("app").path, "-w", "1"] + arguments)
    let worker = try #require(server.workers.first)
    var served: [Client] = []
    // Each is idle when the next one comes; the last cannot be accepted.
    while true {
      let client = try Client(port: server.port)
      try client.send(Array("GET /pid HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      guard try isAnswered(client, by: server) else {
        #expect(server.logged("Cannot accept a connection"), "\(server.log)")
        #expect(served.count > 10)
        served = []
        #expect(try client.receive().body == "\(worker)", "\(server.log)")
        break
      }
      #expect(try client.receive().status == 200)
      served.append(client)
    }
    #expect(try get(server.port, "/pid").body == "\(worker)")
    #expect(server.log.ranges(of: "Cannot accept a connection").count == 1, "\(server.log)")
    #expect(server.workers == [worker])
    #expect(server.stop() == 0)
  }

  /// Those that are served are idle, and make room for who waits.
  @Test(arguments: everyClass.dropFirst())
  func aWorkerWithoutDescriptorsLeftAnswersTheQueueWhenTheServerStops(_ arguments: [String]) throws {
    let server = try Server(
      "/bin/sh",
      ["-c", "ulimit -n 48; exec \"$0\" \"$@\"", Program("app").path, "-w", "1"] + arguments)
    let worker = try #require(server.workers.first)
    var served: [Client] = []
    var last = try Client(port: server.port)
    while true {
      try last.send(Array("GET /pid HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      guard try isAnswered(last, by: server) else { break }
      #expect(try last.receive().status == 200)
      served.append(last)
      last = try Client(port: server.port)
    }
    #expect(server.logged("Cannot accept a connection"), "\(server.log)")
    kill(server.pid, SIGTERM)
    #expect(try last.receive().body == "\(worker)", "\(server.log)")
    #expect(server.waitForEnd() == 0)
    withExtendedLifetime(served) {}
  }

  /// With nobody who is served, none will ever be free.
  @Test(arguments: everyClass)
  func aWorkerThatCanAcceptNobodyStopsAtOnce(_ arguments: [String]) throws {
    let server = try Server(arguments)
    #expect(try get(server.port, "/refuse-descriptors").status == 200)
    let clients = try (0..<3).map { _ in
      let client = try Client(port: server.port)
      try client.send(Array("GET /pid HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      return client
    }
    try server.waitUntil("an error") { server.log.contains("Cannot accept a connection") }
    // The graceful timeout is longer than this waits.
    #expect(server.stop() == 0)
    withExtendedLifetime(clients) {}
  }

  @Test func withTooFewDescriptorsAWorkerSaysSoOrServes() throws {
    for limit in 9...16 {
      let server = try Server(
        "/bin/sh", ["-c", "ulimit -n \(limit); exec \"$0\" \"$@\"", Program("app").path, "-k", "green", "-w", "2"],
        waits: false)
      // Either it ends with its reason, or it answers: never neither.
      try server.waitUntil("an answer or an end with \(limit) descriptors") {
        if !server.isRunning { return true }
        if let answer = try? get(server.port, "/pid", timeout: 5) { return answer.status == 200 }
        return server.log.contains("failed") || server.log.contains("Cannot accept")
      }
    }
  }
}
