internal import HTTPTypes

/// A chunked body on its way (RFC 9112, 7.1), with what has been received after the head and not been used.
final class ChunkedBody {
  private(set) var buffer: ReceiveBuffer
  private let limits: HTTPLimits
  private var parser: ChunkParser
  private var trailerParser = HeadParser(afterRequestLine: true)
  private var trailerHead = RequestHead()
  /// The fields after the body, once it has ended.
  private(set) var trailers: HTTPFields?

  /// - Parameters:
  ///   - received: what has been received after the head.
  ///   - limit: how many bytes of content there may be; 0 for any number.
  ///   - limits: those of the fields after it.
  init(received: UnsafeRawBufferPointer, limit: Int, limits: HTTPLimits) {
    buffer = ReceiveBuffer(copying: received)
    self.limits = limits
    parser = ChunkParser(limit: limit > 0 ? limit : .max)
  }

  /// Whether the body has ended, and been read to its end.
  var hasEnded: Bool { trailers != nil }

  /// Puts content into `memory`: at least one byte, unless the body has ended.
  ///
  /// - Parameter receive: receives at least one byte, at most as many as it is given room for.
  func read(
    into memory: UnsafeMutableRawBufferPointer, receive: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> Int {
    if hasEnded { return 0 }
    var filled = 0
    while true {
      let (used, next) = parser.step(over: buffer.bytes)
      buffer.consume(used)
      if case .data(let left) = next, !buffer.bytes.isEmpty, filled < memory.count {
        filled += take(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]), left)
        continue
      }
      // What has been read is given out before anything is waited for; a fault is found again.
      if filled > 0 { return filled }
      switch next {
      case .bad(let fault): throw fault
      case .data(let left): if let count = try receiveStraight(into: memory, left, receive) { return count }
      case .incomplete: try receiveMore(receive)
      case .trailers:
        if try parseTrailers() { return 0 }
        try receiveMore(receive)
      }
    }
  }

  /// Gives what has been received after the body to whoever goes on with the connection.
  func giveRest(to other: inout ReceiveBuffer) { swap(&buffer, &other) }

  private func take(into room: UnsafeMutableRawBufferPointer, _ left: Int) -> Int {
    let count = min(room.count, left, buffer.bytes.count)
    room.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
    buffer.consume(count)
    parser.took(count)
    return count
  }

  /// Receives a part of a long chunk into the reader's own memory; `nil` where it went into the buffer, with what follows.
  private func receiveStraight(
    into room: UnsafeMutableRawBufferPointer, _ left: Int, _ receive: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> Int? {
    let count = min(room.count, left)
    guard count >= ReceiveBuffer.initialCapacity else {
      try receiveMore(receive)
      return nil
    }
    let received = try received(receive(UnsafeMutableRawBufferPointer(rebasing: room[..<count])))
    parser.took(received)
    return received
  }

  private func receiveMore(_ receive: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
    buffer.makeRoom()
    buffer.received(try received(receive(buffer.free)))
  }

  private func received(_ count: Int) throws -> Int {
    if count == 0 { throw HTTPError(.badRequest, "the body ended before its last chunk") }
    return count
  }

  // MARK: The end

  /// Whether the trailer section is whole (RFC 9112, 7.1.2). Its lines keep to the rules and limits of a head's.
  private func parseTrailers() throws -> Bool {
    switch trailerParser.parseLines(buffer.bytes, into: &trailerHead, limits: limits) {
    case .incomplete: return false
    case .bad(let fault): throw ChunkFault.trailers(fault)
    case .complete(let length):
      let fields = buffer.bytes.baseAddress.map { HTTPFields(trailerHead.fields, at: $0) } ?? [:]
      if !fields.allSatisfy({ TrailerFields.mayFollow($0.name) }) { throw ChunkFault.trailerField }
      buffer.consume(length)
      trailers = fields
      return true
    }
  }
}
