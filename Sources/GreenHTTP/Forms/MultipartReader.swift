internal import Glibc
internal import HTTPTypes

/// The parts of a `multipart/form-data` body (RFC 7578, RFC 2046, 5.1), one after the other as they come: of a part no
/// more than a piece is in memory.
///
/// ```swift
/// var parts = try request.multipart()
/// while let part = try parts.nextPart() {
///   while let piece = try parts.readPiece() { try store.write(piece, of: part.name) }
/// }
/// ```
public struct MultipartReader {
  private let body: RequestBody
  private let limits: FormLimits
  /// CRLF, two hyphens and the boundary.
  private let delimiter: [UInt8]
  /// What has been read and not been handed out.
  private var buffer: [UInt8]
  private var start = 0
  private var partCount = 0
  private var state = State.beforePart

  private enum State {
    /// Before the first part, or in one whose rest is skipped.
    case beforePart
    case inPart
    case afterPart
    case ended
  }

  init(_ body: RequestBody, boundary: String, _ limits: FormLimits) {
    self.body = body
    self.limits = limits
    delimiter = Array("\r\n--\(boundary)".utf8)
    // The first delimiter may be the very beginning.
    buffer = [0x0d, 0x0a]
  }

  /// The next part; `nil` where there is none. What has not been read of the one before is skipped. Parks or blocks.
  ///
  /// - Throws: ``HTTPError`` with `400` where the body is malformed or ends early, `413` where it passes a limit; as
  ///   ``RequestBody/read(into:)``.
  public mutating func nextPart() throws -> MultipartPart? {
    if state == .ended { return nil }
    while try readPiece() != nil {}
    if state == .ended { return nil }
    partCount += 1
    if partCount > limits.parts {
      throw HTTPError(.contentTooLarge, "the form has more than \(limits.parts) fields and files")
    }
    let part = try MultipartPart(head: readHead())
    state = .inPart
    return part
  }

  /// The next piece of the part; `nil` at its end. Parks or blocks.
  ///
  /// - Throws: as ``nextPart()``.
  public mutating func readPiece() throws -> [UInt8]? {
    if state == .afterPart || state == .ended { return nil }
    while true {
      switch nextDelimiter() {
      case .found(let offset):
        if offset > start { return take(to: offset) }
        return try stepOverDelimiter() ? nil : take(to: start + 2)
      case .notBefore(let offset):
        if offset > start { return take(to: offset) }
        try fill()
      }
    }
  }

  private mutating func take(to offset: Int) -> [UInt8] {
    defer { start = offset }
    return Array(buffer[start..<offset])
  }

  // MARK: Delimiters

  private enum Search {
    case found(Int)
    /// None begins before this place, as far as can be told.
    case notBefore(Int)
  }

  private func nextDelimiter() -> Search {
    buffer.withUnsafeBytes { bytes in
      var from = start
      while from < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + from, 0x0d, bytes.count - from)
      {
        let offset = UnsafeRawPointer(found) - base
        let count = min(delimiter.count, bytes.count - offset)
        if memcmp(found, delimiter, count) == 0 {
          return count == delimiter.count ? .found(offset) : .notBefore(offset)
        }
        from = offset + 1
      }
      return .notBefore(bytes.count)
    }
  }

  /// Steps over the delimiter that comes next to what follows it: a part, or nothing more. False where it is none, but the
  /// beginning of other text.
  private mutating func stepOverDelimiter() throws -> Bool {
    var end = start + delimiter.count
    while buffer.count < end + 2 { try fill(keeping: &end) }
    if buffer[end] == UInt8(ascii: "-") && buffer[end + 1] == UInt8(ascii: "-") {
      state = .ended
      return true
    }
    // RFC 2046, 5.1.1: blanks that somebody on the way has added.
    while buffer[end] == 0x20 || buffer[end] == 0x09 {
      end += 1
      if end - start > delimiter.count + limits.partHead {
        throw HTTPError(.badRequest, "a boundary of the form is followed by too many blanks")
      }
      while buffer.count < end + 2 { try fill(keeping: &end) }
    }
    guard buffer[end] == 0x0d && buffer[end + 1] == 0x0a else { return false }
    start = end + 2
    state = .afterPart
    return true
  }

  /// The lines of a part's head, without the empty one that ends it.
  private mutating func readHead() throws -> ArraySlice<UInt8> {
    var searched = start
    while true {
      if buffer[start...].starts(with: [0x0d, 0x0a]) {
        start += 2
        return []
      }
      let end = buffer.withUnsafeBytes { bytes in Self.headEnd(bytes, from: searched) }
      if let end, end + 2 - start <= limits.partHead {
        defer { start = end + 4 }
        return buffer[start..<end + 2]
      }
      // Of one that has just the limit, the empty line may not have come yet.
      if end != nil || buffer.count - start - 2 >= limits.partHead {
        throw HTTPError(.contentTooLarge, "the head of a part of the form is longer than \(limits.partHead) bytes")
      }
      searched = max(start, buffer.count - 3)
      try fill(keeping: &searched)
    }
  }

  private static func headEnd(_ bytes: UnsafeRawBufferPointer, from: Int) -> Int? {
    var from = from
    while from + 4 <= bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + from, 0x0d, bytes.count - 3 - from)
    {
      if matches(found, "\r\n\r\n") { return UnsafeRawPointer(found) - base }
      from = UnsafeRawPointer(found) - base + 1
    }
    return nil
  }

  // MARK: Reading

  /// Reads more. Parks or blocks.
  private mutating func fill() throws {
    var offset = start
    try fill(keeping: &offset)
  }

  /// Reads more. What has been handed out is forgotten, and `offset` moves with the rest.
  private mutating func fill(keeping offset: inout Int) throws {
    buffer.removeFirst(start)
    offset -= start
    start = 0
    let piece = try body.read()
    if piece.isEmpty { throw HTTPError(.badRequest, "the form ends before its last boundary") }
    buffer += piece
  }
}

extension Request {
  /// The parts of a `multipart/form-data` body, to be read one after the other: for forms whose files are too large, or too many,
  /// for ``form(limits:)``.
  ///
  /// - Throws: ``HTTPError``: `415` where the body is not one, `400` where its boundary is not a valid one.
  public func multipart(limits: FormLimits = FormLimits()) throws -> MultipartReader {
    guard let type = header(.contentType).flatMap({ FieldParameters($0) }), type.essence == FormType.multipart else {
      throw HTTPError(.unsupportedMediaType, "the body must be a form, with Content-Type: \(FormType.multipart)")
    }
    // RFC 2046, 5.1.1.
    guard let boundary = type.values["boundary"], (1...70).contains(boundary.utf8.count), boundary.utf8.last != 0x20,
      boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f })
    else { throw HTTPError(.badRequest, "the form's Content-Type has no valid boundary") }
    return MultipartReader(body, boundary: boundary, limits)
  }
}
