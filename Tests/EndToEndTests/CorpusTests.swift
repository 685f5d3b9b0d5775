import Foundation
import Green
import RequestCorpus
import SuiteSupport
import TestSupport
import Testing

/// The corpus of requests, right and wrong, over real connections to servers of every worker class: what comes of each is
/// what its file says.
///
/// Every case is sent in one of nine ways, another in each worker class; in all of them, one after another, where
/// GREENFINCH_CORPUS is `all`.
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
    try Corpus.all().enumerated().map { number, one in
      let (transport, cut) = ways[(number + rotation) % ways.count]
      return Trial(one: one, transport: transport, cut: cut, number: number)
    }
  }

  /// A thread for each connection: where some wait, others are not kept.
  private static let classes = [["-k", "sync"], ["-k", "green"], ["-k", "thread", "--threads", "16"]]

  private static let rotations: [([String], Int)] =
    if ProcessInfo.processInfo.environment["GREENFINCH_CORPUS"] == "all" {
      classes.flatMap { arguments in ways.indices.map { (arguments, $0) } }
    } else {
      Array(zip(classes, [0, 4, 8]))
    }

  @Test(arguments: rotations)
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
    var outcome: [String] = []
    do {
      // A client that stops in the middle is given a second where it has been refused, and ten for a head.
      let isExpected = try holds(within: 1) {
        outcome = try servers.outcome(
          of: trial.one, over: trial.transport, cut: trial.cut, seed: UInt64(trial.number))
        return outcome == expected
      }
      if !isExpected { #expect(outcome == expected, "\(what)") }
    } catch {
      Issue.record("\(what): \(error), \(outcome)")
    }
  }
}
