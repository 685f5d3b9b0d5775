/// The lines of a body: see ``RequestBody/lines(longest:)``. They end in LF or CR LF, the last one perhaps in neither.
public struct BodyLines {
  private let body: RequestBody
  private let longest: Int
  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// Up to where no LF was found.
  private var scanned = 0
  private var hasEnded = false

  init(_ body: RequestBody, longest: Int) {
    self.body = body
    self.longest = longest
  }

  /// The next line without its end; `nil` after the last. Parks or blocks until it is there.
  ///
  /// - Throws: as ``RequestBody/read(into:)``; ``HTTPError`` with `413` for a line that is too long, and `400` for one that is
  ///   not UTF-8.
  public mutating func next() throws -> String? {
    while true {
      if let end = buffer[scanned...].firstIndex(of: 0x0a) { return try take(to: end, next: end + 1) }
      scanned = buffer.count
      if hasEnded { return start == buffer.count ? nil : try take(to: buffer.count, next: buffer.count) }
      // A CR that belongs to the line's end may be the last byte so far.
      try checkLength(buffer.count - start - 1)
      try receive()
    }
  }

  private mutating func receive() throws {
    buffer.removeFirst(start)
    (start, scanned) = (0, buffer.count)
    let piece = try body.read(upTo: 16_384)
    hasEnded = piece.isEmpty
    buffer += piece
  }

  private mutating func take(to end: Int, next: Int) throws -> String {
    var line = buffer[start..<end]
    if next > end && line.last == 0x0d { line.removeLast() }
    (start, scanned) = (next, next)
    try checkLength(line.count)
    return try String(body: line)
  }

  private func checkLength(_ count: Int) throws {
    if count > longest { throw HTTPError(.contentTooLarge, "a line of the body is longer than \(longest) bytes") }
  }
}
