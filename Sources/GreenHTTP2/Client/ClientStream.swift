internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// One request of a client, and its answer: a stream of RFC 9113, 5.
///
/// Unsafe as `Sendable`: used on the connection's hub alone, which ``cancel()`` sees to.
final class ClientStream: HTTP2ClientStream, @unchecked Sendable {
  private var id: Int32 = 0
  private let connection: ClientConnection
  private var heads: [HTTPResponse] = []
  private var received: [UInt8] = []
  /// Where in ``received`` what has not been read begins.
  private var start = 0
  private var isComplete = false
  private var isClosed = false
  private var isCancelled = false
  private(set) var trailers = HTTPFields()
  private(set) var failure: HTTP2StreamFault?
  private var outgoing = OutgoingBody()
  private let change = Event()
  /// How many fibers wait for a change: one that sends, and one that receives.
  private var waiters = 0
  var isWaiting: Bool { waiters > 0 }

  init(_ connection: ClientConnection) { self.connection = connection }

  func begin(_ id: Int32) { self.id = id }

  // MARK: What is sent

  func write(_ piece: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    var rest = piece
    while !rest.isEmpty {
      try connection.wait(self, until: deadline) { outgoing.free > 0 || isClosed }
      // An answer that came before the end of the request has closed the stream.
      if isClosed { throw failure ?? .lost(nil) }
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(outgoing.free))
      outgoing.append(part)
      rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
      goOn()
    }
  }

  func end(_ trailers: HTTPFields) throws {
    if isClosed { return }
    outgoing.end(trailers: trailers)
    goOn()
  }

  private func goOn() {
    if outgoing.takeDeferral() { connection.session.resume(id) }
    connection.submitted()
  }

  func takeUpload(into buffer: UnsafeMutableRawBufferPointer) -> OutgoingBody.Taken {
    defer { changed() }
    return outgoing.take(into: buffer)
  }

  /// False where there are none.
  func submitTrailers() -> Bool {
    if outgoing.trailers.isEmpty { return false }
    connection.session.submitTrailers(id, outgoing.trailers, connection.fields)
    return true
  }

  // MARK: What comes

  func received(_ block: IncomingFields) {
    if let status = block.status {
      heads.append(HTTPResponse(status: .init(code: status), headerFields: block.fields))
    } else {
      trailers = block.fields
    }
    changed()
  }

  func received(_ bytes: UnsafeRawBufferPointer) {
    // The rest of a frame that was coming when the stream was ended: nobody will read it.
    if isCancelled || failure != nil { return connection.session.consume(id, bytes.count) }
    received += bytes
    changed()
  }

  func ended() {
    isComplete = true
    changed()
  }

  func closed(_ code: UInt32) {
    isClosed = true
    outgoing.abandon()
    if !isComplete {
      fail(
        code == ErrorCode.refusedStream.rawValue
          ? .refused : .broken("the server has ended it: error \(code) of RFC 9113, 7"))
    }
    changed()
  }

  func fail(_ fault: HTTP2StreamFault) {
    if failure == nil && !isComplete { failure = fault }
    isClosed = true
    changed()
  }

  // MARK: Reading

  var hasHead: Bool { !heads.isEmpty }
  var hasEnded: Bool { isComplete && start == received.count }

  func head(until deadline: Deadline) throws -> HTTPResponse {
    try connection.wait(self, until: deadline) { hasHead || isComplete }
    if heads.isEmpty { throw HTTP2StreamFault.broken("it has no head") }
    return heads.removeFirst()
  }

  func read(into memory: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    try connection.wait(self, until: deadline) { start < received.count || isComplete }
    let count = min(memory.count, received.count - start)
    received.withUnsafeBytes { memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
    start += count
    if start == received.count {
      start = 0
      received.removeAll(keepingCapacity: true)
    }
    if count > 0 {
      if isClosed { connection.session.consumeClosed(count) } else { connection.session.consume(id, count) }
      connection.submitted()
    }
    return count
  }

  // MARK: Waiting

  func changed() {
    change.set()
    connection.interrupt(self)
  }

  func waitForChange(until deadline: Deadline) throws {
    waiters += 1
    defer { waiters -= 1 }
    change.clear()
    try change.wait(until: deadline)
  }

  func cancel() {
    connection.onHub { self.cancelHere() }
  }

  private func cancelHere() {
    guard connection.failure == nil else { return }
    let unread = received.count - start
    (received, start) = ([], 0)
    if unread > 0 { connection.session.consumeClosed(unread) }
    if !isClosed && !isCancelled { connection.session.reset(id, .cancel) }
    isCancelled = true
    connection.submitted()
  }
}
