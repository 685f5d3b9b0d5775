internal import Glibc
package import HTTPTypes

/// Takes the answers of a server off one connection, one after the other (RFC 9112): a client's side of the parsers that
/// requests go through. It neither waits nor knows a stream: who has it brings the bytes.
package final class ResponseReader {
  /// Receives at least one byte, at most as many as it is given room for; 0 at the end of the connection.
  package typealias Receive = (UnsafeMutableRawBufferPointer) throws -> Int

  private var buffer = ReceiveBuffer()
  private let limits: HTTPLimits
  /// Up to where no end of the status line was found.
  private var scanned = 0
  private var statusLine: StatusLine?
  private var parser = HeadParser(afterRequestLine: true)
  private var head = RequestHead()
  private var body = Body.ended
  /// How much content has been given out.
  private var given = 0
  /// The fields after the content, once it has been read to its end.
  package private(set) var trailers = HTTPFields()

  private enum Body {
    case ended
    /// So many bytes are left.
    case length(Int)
    case chunked(ChunkedBody)
    case close
  }

  /// - Parameter limits: of the lines and fields of a head.
  package init(limits: HTTPLimits) { self.limits = limits.bounded }

  /// Whether there is nothing that has been received and not been read.
  package var isEmpty: Bool { buffer.bytes.isEmpty }
  /// Whether the content has been read to its end.
  package var hasEnded: Bool { if case .ended = body { true } else { false } }

  // MARK: Heads

  /// Receives what comes, and keeps it.
  ///
  /// - Returns: how many bytes that was; 0 at the end of the connection.
  package func receive(_ receive: Receive) rethrows -> Int {
    buffer.makeRoom()
    let count = try receive(buffer.free)
    buffer.received(count)
    return count
  }

  /// The next head, once all of it has been received; `nil` before.
  package func takeHead() throws(ResponseFault) -> ResponseHead? {
    if statusLine == nil { statusLine = try takeStatusLine() }
    guard let line = statusLine else { return nil }
    switch parser.parseLines(buffer.bytes, into: &head, limits: limits) {
    case .incomplete: return nil
    case .bad(let fault): throw .malformed(fault.reasonOfAnswer)
    case .complete(let length):
      let result = try makeHead(line)
      buffer.consume(length)
      statusLine = nil
      parser = HeadParser(afterRequestLine: true)
      head.reset()
      return result
    }
  }

  /// What has been received after a head that another protocol follows.
  package func takeRest() -> [UInt8] {
    defer { buffer.consume(buffer.bytes.count) }
    return Array(buffer.bytes)
  }

  private func takeStatusLine() throws(ResponseFault) -> StatusLine? {
    let bytes = buffer.bytes
    guard StatusLine.mayBegin(with: bytes) else { throw .malformed("it does not begin with HTTP/1.1 or HTTP/1.0") }
    guard let base = bytes.baseAddress, let end = memchr(base + scanned, 0x0a, bytes.count - scanned) else {
      scanned = bytes.count
      if bytes.count > limits.requestLine { throw .malformed("its status line is too long") }
      return nil
    }
    let length = UnsafeRawPointer(end) - base
    guard length > 0, bytes[length - 1] == 0x0d else { throw .malformed(HeadFault.bareLineFeed.reason) }
    guard length <= limits.requestLine else { throw .malformed("its status line is too long") }
    guard let line = StatusLine(UnsafeRawBufferPointer(rebasing: bytes[..<(length - 1)])) else {
      throw .malformed("its status line is not HTTP/1.1 with a number of three digits and a reason")
    }
    buffer.consume(length + 1)
    scanned = 0
    return line
  }

  private func makeHead(_ line: StatusLine) throws(ResponseFault) -> ResponseHead {
    let fields = buffer.bytes.baseAddress.map { HTTPFields(head.fields, at: $0) } ?? [:]
    var framing = ResponseHead.Framing.close
    if parser.notices.contains(.transferEncoding) {
      if let fault = parser.transferEncodingFault(line.version) { throw .malformed(fault.reasonOfAnswer) }
      framing = .chunked
    } else if parser.contentLength >= 0 {
      framing = .length(parser.contentLength)
    }
    return ResponseHead(
      status: HTTPResponse.Status(code: line.code, reasonPhrase: line.reason), version: line.version, fields: fields,
      framing: framing, keepsAlive: parser.wantsKeepAlive(line.version))
  }

  // MARK: Content

  /// Begins the content of an answer whose head has been taken.
  ///
  /// - Parameter isAnswerToHead: whether the request's method was `HEAD`.
  package func beginBody(of head: ResponseHead, isAnswerToHead: Bool) {
    given = 0
    trailers = HTTPFields()
    if head.isBodiless(isAnswerToHead: isAnswerToHead) { return body = .ended }
    switch head.framing {
    case .length(let length): body = length == 0 ? .ended : .length(length)
    case .close: body = .close
    case .chunked:
      let received = buffer.bytes
      body = .chunked(ChunkedBody(received: received, limit: 0, limits: limits))
      buffer.removeLast(received.count)
    }
  }

  /// Puts content into `memory`, which is not empty: at least one byte, or 0 once all has been read.
  package func read(into memory: UnsafeMutableRawBufferPointer, _ receive: Receive) throws -> Int {
    let count =
      switch body {
      case .ended: 0
      case .length(let left): try read(into: memory, of: left, receive)
      case .chunked(let chunks): try read(into: memory, chunks, receive)
      case .close: try readToClose(into: memory, receive)
      }
    given += count
    return count
  }

  private func read(into memory: UnsafeMutableRawBufferPointer, of left: Int, _ receive: Receive) throws -> Int {
    let memory = UnsafeMutableRawBufferPointer(rebasing: memory.prefix(left))
    let count = takeReceived(into: memory)
    let read = count > 0 ? count : try receive(memory)
    if read == 0 { throw ResponseFault.truncated(received: given, of: given + left) }
    body = read == left ? .ended : .length(left - read)
    return read
  }

  private func readToClose(into memory: UnsafeMutableRawBufferPointer, _ receive: Receive) throws -> Int {
    let count = takeReceived(into: memory)
    if count > 0 { return count }
    let read = try receive(memory)
    if read == 0 { body = .ended }
    return read
  }

  private func read(into memory: UnsafeMutableRawBufferPointer, _ chunks: ChunkedBody, _ receive: Receive) throws -> Int
  {
    do {
      let count = try chunks.read(into: memory) { room in
        let count = try receive(room)
        if count == 0 { throw ResponseFault.truncated(received: given, of: nil) }
        return count
      }
      if chunks.hasEnded {
        trailers = chunks.trailers ?? [:]
        chunks.giveRest(to: &buffer)
        body = .ended
      }
      return count
    } catch let fault as ChunkFault {
      throw ResponseFault.malformed(fault.reason)
    }
  }

  private func takeReceived(into memory: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(memory.count, buffer.bytes.count)
    memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
    buffer.consume(count)
    return count
  }
}
