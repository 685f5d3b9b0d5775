import Foundation

import class Green.Mutex

/// Clients that ask a server without a pause until they are told to stop: eight that keep their connections, and make a new
/// one only where the server has said that it closes the old, and four that make one for each request.
final class Load: @unchecked Sendable {
  struct Outcome: Sendable {
    /// Who answered how many requests.
    var answers: [pid_t: Int] = [:]
    var failures: [String] = []
    /// How often a kept connection was ended because its client had been silent for too long.
    var lateOnes = 0

    /// The sum of it, for who reads the tests' output.
    var summary: String {
      "\(answers.values.reduce(0, +)) answers of \(answers.count) workers, \(failures.count) failed, "
        + "\(lateOnes) connections ended after a long silence"
    }
  }

  private let port: UInt16
  private let outcome = Mutex(Outcome())
  private let isOver = Mutex(false)
  private let clients = DispatchGroup()

  init(on port: UInt16) {
    self.port = port
    for _ in 0..<8 { start { try self.askOnOneConnection() } }
    for _ in 0..<4 { start { self.note(try get(self.port, "/pid")) } }
  }

  /// Ends the load; what came of it.
  func stop() -> Outcome {
    isOver.withLock { $0 = true }
    clients.wait()
    return outcome.withLock { $0 }
  }

  /// Who has answered so far.
  var answering: Set<pid_t> { outcome.withLock { Set($0.answers.keys) } }

  private func start(_ body: @escaping @Sendable () throws -> Void) {
    clients.enter()
    Thread.detachNewThread {
      while !self.isOver.withLock({ $0 }) {
        do { try body() } catch { self.outcome.withLock { $0.failures.append("\(error)") } }
      }
      self.clients.leave()
    }
  }

  private func askOnOneConnection() throws {
    let client = try Client(port: port)
    var sent = Date()
    while !isOver.withLock({ $0 }) {
      let previous = sent
      sent = Date()
      do {
        let answer = try client.get("/pid")
        note(answer)
        if answer.closes { return }
      } catch {
        // On a machine that is busy with other things a client may be silent for long enough to be taken for idle: whoever
        // keeps a connection asks again on another then (RFC 9112, 9.3.1).
        guard Date().timeIntervalSince(previous) >= Self.longSilence else { throw error }
        return outcome.withLock { $0.lateOnes += 1 }
      }
    }
  }

  /// After this time without a request a worker that stops ends a connection.
  private static let longSilence = 0.1

  private func note(_ answer: Client.Response) {
    outcome.withLock { outcome in
      if answer.status == 200, let pid = pid_t(answer.body) {
        outcome.answers[pid, default: 0] += 1
      } else {
        outcome.failures.append("\(answer.status) \(answer.body)")
      }
    }
  }
}
