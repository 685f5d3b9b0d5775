import Foundation
import SuiteSupport
import TestSupport
import Testing

import struct Green.Deadline

@Suite(.serialized, .bounded) struct BalanceTests {
  /// How many connections the busiest worker has for each of the idlest one's. What else the machine does at the moment has
  /// its share in it, since who has no core takes nothing: so there are many connections, and where several clients ask at once
  /// they wait for their answers, so that cores are free.
  private let widest = Sanitizer.current == nil ? 1.3 : 2.5

  private func spread(_ answers: [String]) -> Double {
    let counts = Dictionary(grouping: answers) { $0 }.mapValues { Double($0.count) }
    return counts.count < 4 ? .infinity : counts.values.max()! / counts.values.min()!
  }

  /// Expects that the answers of a round, or of all up to it, are spread evenly: a worker that was stopped for as long as a
  /// round takes has nothing of it, and is given more afterwards.
  private func expectEven(_ round: () throws -> [String], at location: SourceLocation = #_sourceLocation) throws {
    var all: [String] = []
    let isSpread = try passesOnce {
      let answers = try round()
      all += answers
      return min(spread(answers), spread(all)) <= widest
    }
    #expect(isSpread, "\(Dictionary(grouping: all) { $0 }.mapValues(\.count))", sourceLocation: location)
  }

  private func fourWorkers() throws -> Server {
    let server = try Server(["-k", "green", "-w", "4"])
    try server.waitForAnswers(of: 4)
    return server
  }

  @Test func oneClientAfterTheOther() throws {
    let server = try fourWorkers()
    try expectEven { try (0..<2000).map { _ in try get(server.port, "/pid").body } }
  }

  @Test func eightClientsAtOnce() throws {
    let server = try fourWorkers()
    let port = server.port
    try expectEven {
      try atOnce(8) { _ in try (0..<250).map { _ in try get(port, "/pid/5").body } }.flatMap { try $0.get() }
    }
  }

  @Test func connectionsThatComeAtOnceAndStay() throws {
    let server = try fourWorkers()
    try expectEven {
      let clients = try (0..<2000).map { _ in try Client(port: server.port) }
      for client in clients { try client.send(Array("GET /pid HTTP/1.1\r\nHost: test\r\n\r\n".utf8)) }
      return try clients.map { try $0.receive().body }
    }
  }

  /// Both servers at once, so that what else the machine does is the same for both.
  @Test func twoWorkersServeTwiceAsMuchWhereHandlersKeepTheThread() throws {
    let (one, two) = (try Server(["-k", "green", "-w", "1"]), try Server(["-k", "green", "-w", "2"]))
    try two.waitForAnswers(of: 2)
    let ports = [one.port, two.port]
    var (ones, twos) = (0, 0)
    // A worker that is stopped for most of three seconds says nothing of the others.
    let isMore = try passesOnce {
      let end = Deadline.after(.seconds(3))
      let counts = try atOnce(16) { index in
        var count = 0
        while !end.hasPassed {
          _ = try get(ports[index % 2], "/blocks/20")
          count += 1
        }
        return count
      }.map { try $0.get() }
      func total(_ server: Int) -> Int { counts.indices.filter { $0 % 2 == server }.reduce(0) { $0 + counts[$1] } }
      (ones, twos) = (total(0), total(1))
      return Double(twos) >= 1.3 * Double(ones)
    }
    #expect(isMore, "\(twos) requests where one worker served \(ones)")
  }
}
