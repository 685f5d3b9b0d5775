internal import Green
internal import HTTPTypes
internal import SystemPackage

extension HTTPConnection {
  /// The longest rest of a body that is read after the answer, so that the connection can be used again.
  static var drainLimit: Int { 65_536 }

  /// Receives a part of the body that did not come with the head, straight into the reader's memory.
  func receiveBody(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try reading {
      let count = try receivePart(into: buffer)
      guard count > 0 else {
        let body = exchange.pointee.body
        throw HTTPError(.badRequest, "the body ended after \(body.length - body.remaining) of \(body.length) bytes")
      }
      exchange.pointee.body.remaining -= count
      return count
    }
  }

  /// Calls `body`, which reads. What follows an error on the connection is unknown.
  func reading(_ body: () throws -> Int) throws -> Int {
    do {
      return try body()
    } catch Errno.timedOut {
      exchange.pointee.body.isBroken = true
      throw HTTPError(.requestTimeout, "the body did not arrive in time")
    } catch let error where error.isLossOfStream {
      // As of a body that ends too early: a client that has gone away is not a failure of the application.
      exchange.pointee.body.isBroken = true
      throw HTTPError(.badRequest, "the client has gone before the body's end")
    } catch {
      exchange.pointee.body.isBroken = true
      throw error
    }
  }

  /// Receives a part of the body of the request in progress, for which the client may have to be told to go on.
  func receivePart(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if exchange.pointee.body.awaitsContinue {
      exchange.pointee.body.awaitsContinue = false
      try sendContinue()
    }
    try streamedAnswer?.flushBeforeReceiving()
    return try receiveInTime(into: buffer)
  }

  /// Receives as long as the client keeps to its pace: one that sends a byte now and then cannot hold the connection for
  /// ever, and one that sends steadily is never cut off.
  private func receiveInTime(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let began = Deadline.now.nanoseconds
    let count = try withClient {
      try stream.receive(into: buffer, until: .coarselyAfter(nanoseconds: max(0, bodyPace.left)))
    }
    bodyPace.note(waited: Deadline.now.nanoseconds - began, moved: count)
    return count
  }

  /// Whether what the handler left of the body can be skipped after the answer.
  @inline(__always)
  func canDrain(_ body: IncomingBody) -> Bool {
    if body.isBroken { return false }
    // A client that waits for leave to send its body may send it or not, once it sees the answer: there is no knowing
    // what the next bytes are (RFC 9110, 10.1.1).
    if body.awaitsContinue { return false }
    // How long the rest of a chunked one is shows when it is skipped.
    return body.isChunked || body.remaining - body.buffered <= Self.drainLimit
  }

  /// Skips the rest of the body. False when the connection has ended.
  func drain() -> Bool {
    // What is skipped is read to where answers lie that are held.
    if !output.bytes.isEmpty, (try? flush()) == nil {
      exchange.pointee.body.isBroken = true
      return false
    }
    if let chunks = exchange.pointee.chunks { return drain(chunks) }
    var left = exchange.pointee.body.remaining - exchange.pointee.body.buffered
    let deadline = Deadline.coarselyAfter(nanoseconds: bodyNanoseconds)
    while left > 0 {
      let scratch = UnsafeMutableRawBufferPointer(rebasing: output.scratch[..<min(left, output.scratch.count)])
      guard let count = try? stream.receive(into: scratch, until: deadline), count > 0 else {
        ending = .byServer
        // Nobody knows how much of it is still to come.
        exchange.pointee.body.isBroken = true
        return false
      }
      left -= count
    }
    exchange.pointee.body.remaining = exchange.pointee.body.buffered
    return true
  }
}
