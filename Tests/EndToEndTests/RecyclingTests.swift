import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Workers that are replaced when they have served enough, by such as serve already.
@Suite(.serialized, .bounded) struct RecyclingTests {
  @Test(arguments: severalAtOnce)
  func noRequestFailsWhileWorkersAreReplacedAllTheTime(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2", "--max-requests", "50", "--max-requests-jitter", "10"])
    let load = Load(on: server.port)
    var most = 0
    try server.waitUntil("answers of twelve workers", seconds: 180) {
      most = max(most, server.workers.count)
      return load.answering.count >= 12
    }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(most <= 3, "one is replaced at a time")
    #expect(server.log.contains("Autorestarting worker after current request."))
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func aWorkerIsReplacedAfterSoManyRequests(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--max-requests", "20"])
    let worker = server.workers[0]
    // The first was made by whoever waited for the server.
    for _ in 0..<18 { #expect(try get(server.port, "/pid").body == "\(worker)") }
    #expect(!server.log.contains("Autorestarting"))
    #expect(try get(server.port, "/pid").status == 200)
    #expect(server.logged("Worker (pid:\(worker)) is to be replaced: it has had 20 requests"), "\(server.log)")
    try server.waitUntil("another worker alone") { server.workers.count == 1 && server.workers != [worker] }
    #expect(try get(server.port, "/pid").body == "\(server.workers[0])")
    #expect(server.stop() == 0)
  }

  @Test func aWorkerIsReplacedAtAnAge() throws {
    let server = try Server(["-k", "green", "-w", "2", "--max-worker-age", "1"])
    let before = server.workers
    try server.waitUntil("others") { Set(server.workers).isDisjoint(with: before) }
    #expect(server.logged("is to be replaced: it has served for 1 s"), "\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func aWorkerIsReplacedThatHasTooMuchMemory(_ arguments: [String]) throws {
    let limit = Sanitizer.current == nil ? 200 : 2000
    let server = try Server(arguments + ["--max-worker-memory", "\(limit)M"])
    let worker = server.workers[0]
    // A look at it takes place once a second.
    usleep(1_200_000)
    #expect(server.workers == [worker], "\(server.log)")
    #expect(try get(server.port, "/grow/\(limit)").status == 200)
    // The kernel's list of children may lack one for a moment: that alone says nothing.
    try server.waitUntil("another worker alone, and why") {
      server.log.contains(/is to be replaced: it has \d+ MiB of memory, and may have \d+/)
        && server.workers.count == 1 && server.workers != [worker]
    }
    #expect(server.stop() == 0)
  }
}
