internal import Green
internal import HTTPTypes

/// A streamed answer under way, from its head in the connection's buffer to its end.
///
/// What belongs to it gathers in that buffer and leaves together: when the fiber that makes the body is about to wait for
/// something, whatever that is; when 16 KB are there; when the body is flushed, or ends. So a short answer leaves in one
/// send, and no client waits for what has been written. What other fibers write to the body is sent at once.
///
/// Outside fibers nobody says when a thread is about to wait: there each piece is sent at once, the first with the head.
final class StreamedAnswer: BodyDestination {
  private struct Progress {
    var hasEnded = false
    /// What went wrong while the fiber that makes the body was elsewhere.
    var failure: (any Error)?
  }

  private unowned let connection: HTTPConnection
  private let isChunked: Bool
  private let coder: (any BodyCoder)?
  /// Whether the coder may have kept something back. This and the next are changed with the lock held.
  private var isHeldBack = false
  /// How many bytes of body have been put in.
  private(set) var bodyBytes = 0
  /// Several fibers may write to one body: while one waits for the client, no other touches the buffer or the stream.
  private let progress = Mutex(Progress())
  private var beforeWait: BeforeWait?
  /// Sends what the kernel did not take when the fiber began to wait.
  private var sender: Fiber<Void>?
  /// Whether some of it has been sent.
  private(set) var hasBegun = false

  init(_ connection: HTTPConnection, isChunked: Bool, coder: (any BodyCoder)? = nil) {
    self.connection = connection
    self.isChunked = isChunked
    self.coder = coder
    let beforeWait = BeforeWait { [unowned self] in sendBeforeWaiting() }
    guard beforeWait.arm() else { return }
    self.beforeWait = beforeWait
  }

  // MARK: What is written

  func write(_ piece: UnsafeRawBufferPointer) throws {
    try exclusively { _ in
      if let coder {
        isHeldBack = true
        try coder.encode(piece) { try put($0) }
      } else {
        try put(piece)
      }
      if !gathers { try sendAll() }
    }
  }

  func write(_ file: OpenFile, _ part: Range<Int>) throws {
    // Each piece is a chunk then, with a size before it, or goes through the coder.
    if isChunked || coder != nil { return try file.read(part) { try write($0) } }
    try exclusively { _ in
      bodyBytes += part.count
      try put(file, part)
      if !gathers { try send() }
    }
  }

  func flush() throws { try exclusively { _ in try sendAll() } }

  /// Sends what has gathered where the thread is about to wait for the client, and nobody else would say so.
  func flushBeforeReceiving() throws { if beforeWait == nil { try flush() } }

  /// Sends the end. Returns how many bytes of body there were.
  ///
  /// - Parameter trailers: the fields that follow it, where it is chunked.
  func finish(_ trailers: HTTPFields) throws -> Int {
    try exclusively { progress in
      progress.hasEnded = true
      try coder?.finish { try put($0) }
      if isChunked {
        // RFC 9112, 7.1: the last chunk, the trailer section, an empty line.
        connection.output.append("0\r\n")
        for field in trailers { connection.output.append(field) }
        connection.output.append("\r\n")
      }
      try send()
      return bodyBytes
    }
  }

  /// Sends what has gathered of a body that has failed, without its end, so that the client can tell.
  func abandon() {
    connection.observer?.answerGoesOn()
    beforeWait?.disarm()
    sender?.cancel()
    progress.withLock { progress in
      if !progress.hasEnded && progress.failure == nil { try? send() }
      progress.hasEnded = true
    }
  }

  // MARK: Putting it together

  /// Whether the calling fiber says before it waits.
  private var gathers: Bool { beforeWait?.arm() ?? false }

  private func exclusively<Result: Sendable>(_ body: (inout Progress) throws -> Result) throws -> Result {
    connection.observer?.answerGoesOn()
    // Who holds the lock sends what there is.
    beforeWait?.disarm()
    return try progress.withLock(until: .never) { progress in
      if let failure = progress.failure { throw failure }
      // It waited for its turn while the function that makes the body returned.
      if progress.hasEnded { throw BodyEndedError() }
      do {
        return try body(&progress)
      } catch {
        // What had gathered is gone: whoever goes on would leave a hole.
        progress.failure = error
        throw error
      }
    }
  }

  private func put(_ piece: UnsafeRawBufferPointer) throws {
    let most = OutputBuffer.keptCapacity
    let framing = 20
    let isLong = piece.count + framing > most
    if connection.output.bytes.count + (isLong ? 0 : piece.count) + framing > most { try send() }
    if isLong {
      // From where it lies, and with what there is: the buffer is no larger for a client that takes its time.
      bodyBytes += piece.count
      if isChunked { putSize(piece.count) }
      hasBegun = true
      try connection.flush(followedBy: piece)
      if isChunked { connection.output.append("\r\n") }
    } else {
      gather(piece)
    }
    if connection.output.bytes.count >= most { try send() }
  }

  /// Puts a piece into the buffer, which grows where it must.
  private func gather(_ piece: UnsafeRawBufferPointer) {
    bodyBytes += piece.count
    if isChunked { putSize(piece.count) }
    var cursor = connection.output.reserve(piece.count)
    cursor.append(piece)
    connection.output.advance(to: cursor)
    if isChunked { connection.output.append("\r\n") }
  }

  /// The beginning of it goes into the buffer, after what is there: a short file leaves with the head in one send. The rest
  /// goes its own way.
  private func put(_ file: OpenFile, _ part: Range<Int>) throws {
    var offset = part.lowerBound
    let room = OutputBuffer.keptCapacity - connection.output.bytes.count
    if room > 0 {
      let count = min(room, part.count)
      var cursor = connection.output.reserve(count)
      while offset < part.lowerBound + count {
        offset += try cursor.append(part.lowerBound + count - offset) { try file.read(into: $0, at: offset) }
      }
      connection.output.advance(to: cursor)
    }
    guard offset < part.upperBound else { return }
    try send()
    try connection.send(file, offset..<part.upperBound)
  }

  /// The beginning of a chunk, RFC 9112, 7.1.
  private func putSize(_ count: Int) {
    let size = String(count, radix: 16)
    var cursor = connection.output.reserve(size.utf8.count + 2)
    cursor.append(size)
    cursor.append("\r\n")
    connection.output.advance(to: cursor)
  }

  /// Sends what there is, and what the coder has kept back.
  private func sendAll() throws {
    if isHeldBack { try coder?.flush { try put($0) } }
    isHeldBack = false
    try send()
  }

  private func send() throws {
    if connection.output.bytes.isEmpty { return }
    hasBegun = true
    try connection.flush()
  }

  // MARK: Before a wait

  /// Sends what has gathered, as far as that needs no wait: the fiber is about to wait for something else.
  private func sendBeforeWaiting() {
    // Who holds the lock is about to send.
    progress.withLockIfAvailable { progress in
      guard !progress.hasEnded && progress.failure == nil else { return }
      do {
        if isHeldBack { try coder?.flush { gather($0) } }
        isHeldBack = false
        if connection.output.bytes.isEmpty { return }
        hasBegun = true
        connection.output.removeFirst(try connection.stream.sendWithoutWaiting(connection.output.bytes))
      } catch {
        connection.hasLostClient = true
        progress.failure = error
        connection.output.removeAll()
      }
      if connection.output.bytes.isEmpty {
        connection.output.giveBack()
      } else if sender?.isFinished ?? true {
        // Without the deadlines of the fiber that makes the body: its client's time is another matter.
        sender = Hub.current.flatMap { try? Fiber.spawnAlone(on: $0, name: "send") { self.sendRest() } }
      }
    }
  }

  /// Sends the rest while the fiber that makes the body waits.
  private func sendRest() {
    progress.withLock { progress in
      // Until then a body that is abandoned cancels it.
      defer { sender = nil }
      if progress.hasEnded || progress.failure != nil { return }
      do { try send() } catch { progress.failure = error }
    }
  }
}
