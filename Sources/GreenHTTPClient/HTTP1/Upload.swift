internal import Green
internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// A request on its way over HTTP/1. Its head and what has been written of its body gather and leave together.
///
/// A server may answer before it has all: that is looked for between the pieces. An answer that is not of success ends the
/// sending, since the rest is of no use to it, and with that the connection. Where a fiber of its own sends, another one looks.
final class Upload: BodyDestination {
  private let connection: HTTP1Connection
  private let request: OutgoingRequest
  private let timing: Timing
  private let isChunked: Bool
  private var pending: [UInt8] = []
  private var hasBegun = false
  /// Whether somebody else receives.
  private var isApart = false
  /// The answer, where it came early.
  private var early: ResponseHead?
  /// Whether all of the request has been sent.
  private(set) var isComplete = false
  /// Several fibers may write to one body: each piece stays whole.
  private let turn = Mutex(())

  /// How much gathers before it is sent, and how much is sent at a time.
  private static let gathered = 16_384
  private static let piece = 65_536

  /// The server has answered, and wants no more of the body.
  private struct Refused: Error {}

  init(_ connection: HTTP1Connection, _ request: OutgoingRequest, _ timing: Timing) {
    (self.connection, self.request, self.timing) = (connection, request, timing)
    isChunked = request.body.count == nil
  }

  /// Sends the request, or as much of it as the server wants. Parks or blocks meanwhile.
  ///
  /// - Returns: the head of the answer, where it came before all was sent.
  func send() throws -> ResponseHead? {
    do {
      early = try awaitLeave()
      if early != nil { return early }
      try sendBody()
      isComplete = true
    } catch let error where early != nil && (error is Refused || error.isLossOfConnection) {
      return early
    } catch let error where error.isLossOfConnection {
      // It may have said why before it went.
      let brief = Timing(progress: .seconds(1), timing.deadline)
      guard let head = try? connection.receiveHead(request, brief) else { throw error }
      return head
    }
    return early
  }

  /// Begins the request: where the body needs leave, sends the head and waits for that. Returns an answer that came instead.
  func awaitLeave() throws -> ResponseHead? {
    pending = request.head
    guard request.expectsContinue else { return nil }
    try sendPending()
    return try connection.awaitLeave(request, timing)
  }

  /// Sends the rest of the request, or as much of it as the server takes, while another fiber receives.
  func sendApart() throws {
    isApart = true
    try sendBody()
  }

  private func sendBody() throws {
    if let stream = request.body.stream {
      let trailers = try stream.write(to: self)
      if isChunked { putEnd(trailers) }
    } else {
      _ = try request.body.withBytes { try put($0) }
    }
    try sendPending()
  }

  // MARK: What is written

  func write(_ piece: UnsafeRawBufferPointer) throws {
    try turn.withLock(until: timing.deadline) { _ in
      if isChunked { pending += "\(String(piece.count, radix: 16))\r\n".utf8 }
      try put(piece)
      if isChunked { pending += "\r\n".utf8 }
    }
  }

  func write(_ file: OpenFile, _ part: Range<Int>) throws {
    try turn.withLock(until: timing.deadline) { _ in
      try sendPending()
      var offset = part.lowerBound
      while offset < part.upperBound {
        try lookForAnswer()
        let count = min(1 << 20, part.upperBound - offset)
        guard let sent = try send(file, offset, count) else {
          return try file.read(offset..<part.upperBound) { try transmit($0) }
        }
        if sent == 0 { throw FileBodyError.shrunk(to: offset, from: file.byteCount) }
        offset += sent
      }
    }
  }

  func flush() throws { try turn.withLock(until: timing.deadline) { _ in try sendPending() } }

  /// The last chunk, the trailer section, an empty line (RFC 9112, 7.1).
  private func putEnd(_ trailers: HTTPFields) {
    pending += "0\r\n".utf8
    for field in trailers { OutgoingRequest.append(field, to: &pending) }
    pending += "\r\n".utf8
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws {
    if bytes.count < Self.gathered {
      pending += bytes
      if pending.count >= Self.gathered { try sendPending() }
    } else {
      try sendPending()
      try transmit(bytes)
    }
  }

  private func sendPending() throws {
    let bytes = pending
    pending = []
    try bytes.withUnsafeBytes { try transmit($0) }
  }

  /// Sends bytes as long as the server takes some of them in time.
  private func transmit(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      try lookForAnswer()
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.piece))
      try inTime { try connection.stream.send(piece, until: timing.next) }
      rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
    }
  }

  private func send(_ file: OpenFile, _ offset: Int, _ count: Int) throws -> Int? {
    try inTime {
      try connection.stream.send(file: file.descriptor, offset: Int64(offset), count: count, pace: timing.pace)
    }
  }

  private func inTime<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch Errno.timedOut {
      throw HTTPClientError.timedOut(.sending)
    }
  }

  private func lookForAnswer() throws {
    if isApart { return }
    // Before the first piece there is nothing to answer.
    defer { hasBegun = true }
    guard hasBegun else { return }
    if early == nil { early = try connection.headIfThere(of: request, timing) }
    if let early, early.status.code >= 300 { throw Refused() }
  }
}
