internal import Green
internal import GreenHTTP
internal import GreenTasks
internal import Hummingbird

/// The body of a request as blocking code reads it. A piece is asked for when it is wanted, so that a client which sends
/// faster than the handler reads has to wait, and no more than a piece is in memory.
///
/// Unsafe: used on the hub's thread only.
final class RequestBodySource: @unchecked Sendable {
  private let body: Hummingbird.RequestBody
  private let deadline: Duration
  /// Held while a piece is waited for: NIO takes it for a bug when two ask at once.
  private let turn = Mutex(())
  private var pieces: Pieces?
  private var piece = ByteBuffer()
  /// The bytes that were declared and have not come; `nil` where the client did not say how many there are.
  private var missing: Int?
  private var isAtEnd = false
  /// What every further read throws.
  private var failure: (any Error)?
  private var reader: AnyFiber?

  /// - Parameter deadline: how long each wait for a piece may take.
  init(_ request: Hummingbird.Request, deadline: Duration) {
    body = request.body
    missing = request.headers[.contentLength].flatMap { Int($0) }
    self.deadline = deadline
  }

  /// A `RequestBody.Source`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try turn.withLock { _ in
      while piece.readableBytes == 0 {
        if let failure { throw failure }
        if isAtEnd { return 0 }
        try receive()
      }
      return piece.readWithUnsafeReadableBytes { bytes in
        let count = min(bytes.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        return count
      }
    }
  }

  /// The connection goes on with the next request: nothing is read from now on. Parks until a fiber that outlives its
  /// handler, and waits for a piece, has been cancelled.
  func close() {
    failure = HTTPError(.badRequest, "the body can no longer be read: its connection has gone on to the next request")
    reader?.cancel()
    turn.withLock { _ in piece = ByteBuffer() }
  }

  private func receive() throws {
    reader = Fiber.current
    defer { reader = nil }
    do {
      let next = try next()
      missing = missing.map { $0 - (next?.readableBytes ?? 0) }
      if let next { return piece = next }
      // NIO's sequence also ends like this when a wait for it was cancelled.
      guard missing ?? 0 <= 0 else { throw HTTPError(.badRequest, "the body ended \(missing!) bytes early") }
      isAtEnd = true
    } catch {
      failure = failure ?? HTTPError(.badRequest, "the body could not be read to its end", underlying: error)
      throw error
    }
  }

  private func next() throws -> ByteBuffer? {
    let pieces = self.pieces ?? Pieces(body)
    self.pieces = pieces
    let end = Deadline.after(deadline)
    do {
      return try withDeadline(end) { try Fiber.await { try await pieces.next() } }
    } catch let error as TimeoutError where error.deadline == end {
      throw HTTPError(.requestTimeout, "the body did not arrive in time")
    } catch  where !(error is TimeoutError || error is CancellationError) {
      throw HTTPError(.badRequest, "the client did not send the whole body", underlying: error)
    }
  }
}

/// The pieces as they come.
private final class Pieces {
  private var iterator: Hummingbird.RequestBody.AsyncIterator

  init(_ body: Hummingbird.RequestBody) { iterator = body.makeAsyncIterator() }

  func next() async throws -> ByteBuffer? {
    var iterator = iterator
    defer { self.iterator = iterator }
    if let piece = try await iterator.next() { return piece }
    try Task.checkCancellation()
    return nil
  }
}
