internal import Glibc

/// What came of looking for a head.
enum HeadOutcome: Equatable {
  /// More bytes are needed.
  case incomplete
  /// The request must be refused.
  case bad(HeadFault)
  /// The head is whole, and that many bytes long, empty lines before it included.
  case complete(Int)
}

extension HeadParser {
  /// Looks for a request head at the front of `bytes`: a function of the bytes alone, without a system call, and without
  /// allocating unless the table of fields must grow.
  ///
  /// After `incomplete` it is called again with the same bytes and more after them. Each line is parsed once, when its
  /// end has come, and no byte is searched for a line end twice, so that a head sent byte by byte costs no more than
  /// one sent at once, and the outcome is the same however the bytes were split.
  mutating func parse(_ bytes: UnsafeRawBufferPointer, into head: inout RequestHead, limits: HTTPLimits) -> HeadOutcome
  {
    guard let base = UnsafeRawPointer(bytes.baseAddress), !bytes.isEmpty else { return .incomplete }
    // What is not a request at all, such as a TLS handshake, is refused at once: it may never send a line end.
    let first = base.load(as: UInt8.self)
    if !ByteClass.token.contains(first) && first != 0x0d { return .bad(first == 0x0a ? .bareLineFeed : .method) }
    return parseLines(bytes, into: &head, limits: limits)
  }

  /// Looks for the lines of a head, or those of the fields alone that follow a chunked body.
  @inline(__always)
  mutating func parseLines(
    _ bytes: UnsafeRawBufferPointer, into head: inout RequestHead, limits: HTTPLimits
  ) -> HeadOutcome {
    guard let base = UnsafeRawPointer(bytes.baseAddress), !bytes.isEmpty else { return .incomplete }
    while true {
      guard let end = memchr(base + scanned, 0x0a, bytes.count - scanned) else {
        scanned = bytes.count
        // The last byte may be the line's CR, which does not count.
        guard let fault = limitFault(line: bytes.count - position - 1, head: bytes.count, limits) else {
          return .incomplete
        }
        return tooLong(base, fault, limits, &head)
      }
      let lineFeed = UnsafeRawPointer(end) - base
      scanned = lineFeed + 1
      let length = lineFeed - position - 1
      if let fault = limitFault(line: length, head: scanned, limits) {
        return tooLong(base, fault, limits, &head)
      }
      // RFC 9112, 2.2 lets a recipient take a bare LF for a line end. Parsers that differ in this can be played off
      // against each other, so it is refused.
      guard length >= 0, base.load(fromByteOffset: lineFeed - 1, as: UInt8.self) == 0x0d else {
        return .bad(.bareLineFeed)
      }
      if length == 0 {
        position = scanned
        // Empty lines before the request line are skipped (RFC 9112, 2.2).
        if hasRequestLine { return .complete(position) }
        continue
      }
      if hasRequestLine {
        if let fault = parseField(base, line: position, length: length, into: &head, limits: limits) {
          return .bad(fault)
        }
      } else {
        head.start = position
        if let fault = parseRequestLine(base, line: position, length: length, into: &head) { return .bad(fault) }
        hasRequestLine = true
      }
      position = scanned
    }
  }

  /// Refuses a head that has passed a limit. Of a request line no more is looked at than any that passes it has.
  @inline(never)
  private mutating func tooLong(
    _ base: UnsafeRawPointer, _ fault: HeadFault, _ limits: HTTPLimits, _ head: inout RequestHead
  ) -> HeadOutcome {
    if !hasRequestLine {
      parseCutRequestLine(
        base, line: position, length: min(limits.requestLine, limits.head - position), into: &head)
    }
    return .bad(fault)
  }

  /// The limit that `line` bytes of the line in progress, `head` bytes in all, have passed: the one passed first when
  /// both are, so that the answer does not depend on how the bytes were split.
  @inline(__always)
  private func limitFault(line: Int, head: Int, _ limits: HTTPLimits) -> HeadFault? {
    let longest = hasRequestLine ? limits.fieldLine : limits.requestLine
    guard line > longest else { return head > limits.head ? .headTooLong : nil }
    if head > limits.head && limits.head <= position + longest + 1 { return .headTooLong }
    return hasRequestLine ? .fieldTooLong : .targetTooLong
  }
}
