import Foundation
import Green
import RequestCorpus
import SuiteSupport
import TestSupport
import Testing

/// The corpus of requests, right and wrong, over real connections to servers of every worker class: what comes of each is
/// what its file says.
///
/// Every case is sent in one of nine ways, another in each worker class; in all of them where GREENFINCH_CORPUS is `all`.
@Suite(.serialized, .bounded) struct CorpusTests {
  private struct Trial: Sendable {
    let one: RequestCase
    let transport: MirrorServers.Transport
    let cut: MirrorServers.Cut
    let number: Int
  }

  private static let ways = MirrorServers.Transport.allCases.flatMap { transport in
    MirrorServers.Cut.allCases.map { (transport, $0) }
  }

  private static func trials(rotation: Int) throws -> [Trial] {
    let all = ProcessInfo.processInfo.environment["GREENFINCH_CORPUS"] == "all"
    return try Corpus.all().enumerated().flatMap { number, one in
      let chosen = all ? ways : [ways[(number + rotation) % ways.count]]
      return chosen.map { Trial(one: one, transport: $0.0, cut: $0.1, number: number) }
    }
  }

  /// A thread for each connection: where some wait, others are not kept.
  private static let classes = [["-k", "sync"], ["-k", "green"], ["-k", "thread", "--threads", "16"]]

  @Test(arguments: zip(classes, [0, 4, 8]))
  func whatComesOfARequestIsTheSameEverywhere(_ arguments: [String], _ rotation: Int) throws {
    let servers = try MirrorServers(arguments)
    let workers = servers.plain.workers + servers.secure.workers
    let trials = try Self.trials(rotation: rotation)
    try onHub {
      var left = trials.makeIterator()
      // A sync worker gives a head little time while another client waits.
      let fibers = (0..<(arguments.contains("sync") ? 1 : 8)).map { _ in
        Fiber.spawn { while let trial = left.next() { Self.check(trial, servers, arguments) } }
      }
      for fiber in fibers { try fiber.join() }
    }
    #expect(servers.plain.workers + servers.secure.workers == workers, "no worker has died")
  }

  private static func check(_ trial: Trial, _ servers: MirrorServers, _ arguments: [String]) {
    // A sync worker serves one request of a connection.
    let expected = arguments.contains("sync") ? trial.one.outcomeOfOneRequest : trial.one.outcome
    let what = "\(trial.one), \(trial.transport), \(trial.cut), \(arguments[1])"
    do {
      let outcome = try servers.outcome(
        of: trial.one, over: trial.transport, cut: trial.cut, seed: UInt64(trial.number))
      #expect(outcome == expected, "\(what)")
    } catch {
      Issue.record("\(what): \(error)")
    }
  }
}
