import Foundation

import class Green.Mutex

/// Clients that ask a server without a pause until they are told to stop: eight that keep their connections, and make a new
/// one only where the server has said that it closes the old, and four that make one for each request.
final class Load: @unchecked Sendable {
  struct Outcome: Sendable {
    /// Who answered how many requests.
    var answers: [pid_t: Int] = [:]
    var failures: [String] = []
    /// How often a connection was ended because its client had been silent for too long.
    var lateOnes = 0

    /// The sum of it, for who reads the tests' output.
    var summary: String {
      "\(answers.values.reduce(0, +)) answers of \(answers.count) workers, \(failures.count) failed, "
        + "\(lateOnes) connections ended after a long silence"
    }
  }

  private let connect: @Sendable () throws -> any OneConnectionClient
  private let outcome = Mutex(Outcome())
  private let isOver = Mutex(false)
  private let clients = DispatchGroup()

  convenience init(on port: UInt16) { self.init { try Client(port: port) } }

  /// Clients that connect by some other way.
  init(_ connect: @escaping @Sendable () throws -> any OneConnectionClient) {
    self.connect = connect
    for _ in 0..<8 { start { try self.askOnOneConnection() } }
    for _ in 0..<4 { start { try self.askOnce() } }
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
    var last = ContinuousClock.now
    let client = try connect()
    while !isOver.withLock({ $0 }) {
      guard let answer = try ask(client, "GET /pid HTTP/1.1\r\nHost: test\r\n\r\n", silentSince: &last) else { return }
      note(answer)
      if answer.closes { return }
    }
  }

  private func askOnce() throws {
    var start = ContinuousClock.now
    let request = "GET /pid HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
    if let answer = try ask(try connect(), request, silentSince: &start) { note(answer) }
  }

  /// - Parameter last: when the client was last heard of at the earliest: before it sent its last request, since a thread may
  ///   be kept from its processor at any point after that, while the server has answered.
  /// - Returns: `nil` where the connection was ended, and the request came too late for it. On a machine that is busy with other
  ///   things a client may be silent for long enough to be taken for idle: it asks again on another connection then (RFC 9112,
  ///   9.3.1).
  private func ask(
    _ client: any OneConnectionClient, _ request: String, silentSince last: inout ContinuousClock.Instant
  ) throws -> Client.Response? {
    let previous = last
    last = .now
    do { try client.send(Array(request.utf8)) } catch { return try late(since: previous, until: .now, error) }
    let sent = ContinuousClock.now
    do { return try client.receive() } catch { return try late(since: previous, until: sent, error) }
  }

  private func late(
    since previous: ContinuousClock.Instant, until sent: ContinuousClock.Instant, _ error: any Error
  ) throws -> Client.Response? {
    guard sent - previous >= Self.longSilence else { throw error }
    outcome.withLock { $0.lateOnes += 1 }
    return nil
  }

  /// After this time without a request a worker that stops ends a connection.
  private static let longSilence = Duration.milliseconds(100)

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
