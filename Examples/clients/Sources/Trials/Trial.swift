internal import Foundation
internal import Servers

/// A client and the call in which it waits half a second.
public struct Trial: Sendable {
  /// The library, as the table names it.
  public let client: String
  /// The call, and what it waits for.
  public let wait: String
  let program: String
  let path: String
  /// What each request is answered with.
  let answer: String
  /// Whether the library starts threads of its own.
  public var hasThreads = false
  let startService: @Sendable () throws -> Service
}

/// What a trial showed. Times are seconds.
public struct Figures: Sendable {
  /// A hundred requests at once to one green worker; several rounds, the first of which makes the connections.
  public let rounds: [Double]
  /// The worker's threads in the middle of the last round.
  public let threads: Int
  /// A few requests at once to one worker whose calls block.
  public let blocking: Double
  /// How many those were.
  public let blockingCount: Int

  public var best: Double { rounds.min()! }
}

extension Trial {
  /// Starts the server and the example and makes the requests; all must succeed.
  ///
  /// - Parameters:
  ///   - rounds: at most so many, until one takes no longer than `limit` seconds.
  public func run(rounds count: Int = 3, limit: Double = 0.75, blockingCount: Int = 4) throws -> Figures {
    let service = try startService()
    let green = try Example(program, ["-k", "green", "--worker-connections", "200"], environment: service.environment)
    var (rounds, threads): ([Double], Int) = ([], 0)
    while rounds.count < count, rounds.min().map({ $0 > limit }) ?? true {
      let sampler = Sampler(green)
      do {
        rounds.append(try atOnce(100) { [port = green.port] _ in try ask(port) })
      } catch {
        throw Failure("\(error)\nthe log of '\(program)':\n\(green.log)")
      }
      threads = sampler.value
    }
    let sync = try Example(program, ["-k", "sync"], environment: service.environment)
    let blocking = try atOnce(blockingCount) { [port = sync.port] _ in try ask(port) }
    return Figures(rounds: rounds, threads: threads, blocking: blocking, blockingCount: blockingCount)
  }

  private func ask(_ port: UInt16) throws {
    let answer = try get(port, path).trimmingCharacters(in: .whitespacesAndNewlines)
    guard answer == self.answer else { throw Failure("\(path) answered '\(answer)', not '\(self.answer)'") }
  }
}

/// Counts an example's threads a quarter of a second from now.
private final class Sampler: @unchecked Sendable {
  private let group = DispatchGroup()
  private var threads = 0

  init(_ example: Example) {
    nonisolated(unsafe) let example = example
    group.enter()
    Thread.detachNewThread { [self] in
      usleep(250_000)
      threads = example.threads ?? 0
      group.leave()
    }
  }

  var value: Int {
    group.wait()
    return threads
  }
}
