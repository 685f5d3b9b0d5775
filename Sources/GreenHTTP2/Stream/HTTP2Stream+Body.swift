internal import Green
internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// The body of a request: it is taken from the client as its handler reads it (RFC 9113, 5.2).
extension HTTP2Stream: RequestOrigin {
  var remote: String { transport.peerDescription }
  var local: String { transport.localDescription }
  var isEncrypted: Bool { transport.isEncrypted }
  var tls: TLSFacts? { transport.tls }
  var jsonDepth: Int { limits.jsonDepth }

  func readBody(of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      if let count = takeData(into: buffer) {
        handOverTrailers(to: storage)
        return count
      }
      if let failure = incoming.failure { throw failure }
      if incoming.hasEnded {
        handOverTrailers(to: storage)
        return 0
      }
      try waitForData()
    }
  }

  func sendEarlyHints(_ fields: HTTPFields, for storage: RequestStorage) {
    guard let connection, !answer.isSubmitted else { return }
    connection.session.submitInterim(id, status: 103, fields, connection.fields)
    connection.submitted()
  }

  /// Takes what has come, and lets as much come again; `nil` where there is nothing.
  func takeData(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    guard incoming.count > 0 else { return nil }
    let count = incoming.take(into: buffer)
    connection?.session.consume(id, count)
    connection?.submitted()
    return count
  }

  private func handOverTrailers(to storage: RequestStorage) {
    guard incoming.hasEnded, incoming.count == 0, let trailers = incoming.trailers else { return }
    storage.setTrailers(trailers)
  }

  private func waitForData() throws {
    guard let connection else { throw Errno.connectionReset }
    if incoming.awaitsContinue {
      incoming.awaitsContinue = false
      // RFC 9110, 15.2: an interim answer goes before the final one.
      if !answer.isSubmitted { connection.session.submitInterim(id, status: 100, [:], connection.fields) }
    }
    let pace = incoming.pace ?? incoming.makePace()
    let began = Deadline.now
    do {
      try awaitData(until: began.advanced(by: .nanoseconds(max(0, pace.left))))
    } catch Errno.timedOut {
      let error = HTTPError(.requestTimeout, "the body did not arrive in time")
      incoming.fail(error)
      throw error
    }
    pace.note(waited: Deadline.now.nanoseconds - began.nanoseconds, moved: incoming.count)
  }

  /// Parks until there is something to take, or to know. Throws `Errno.timedOut` at the deadline.
  func awaitData(until deadline: Deadline) throws {
    if !incoming.isWide {
      incoming.isWide = true
      connection?.session.widen(id)
    }
    connection?.submitted()
    try incoming.prepareToWait().wait(until: deadline)
  }

  // MARK: What comes

  func received(_ bytes: UnsafeRawBufferPointer) {
    guard let connection else { return }
    if !incoming.isDiscarded && incoming.failure == nil { incoming.append(bytes) }
    if incoming.failure != nil {
      // What will not be read takes no memory, and goes on as long as it may.
      connection.session.consume(id, bytes.count + incoming.takeAll())
    } else if incoming.isDiscarded {
      connection.session.consume(id, bytes.count)
      if !incoming.discard(bytes.count) { connection.session.reset(id, .none) }
    }
  }

  func bodyEnded(trailers: IncomingTrailers? = nil) {
    if let fault = trailers?.fault { return incoming.fail(fault) }
    incoming.end(trailers: trailers?.fields)
    if let storage { handOverTrailers(to: storage) }
  }
}
