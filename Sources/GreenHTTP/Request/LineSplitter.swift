/// Finds the lines of a body in the pieces that it comes in. They end in LF or CR LF, the last one perhaps in neither.
package struct LineSplitter {
  private let longest: Int
  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// Up to where no LF was found.
  private var scanned = 0
  private var hasEnded = false

  /// - Parameter longest: the most bytes of a line.
  package init(longest: Int) { self.longest = longest }

  /// A line is longer than it may be.
  package struct TooLong: Error {
    package let longest: Int
  }

  /// The next line without its end; `nil` after the last.
  ///
  /// - Parameter read: brings the next piece; none at the end.
  /// - Throws: ``TooLong``, and what `read` throws.
  package mutating func next(_ read: () throws -> [UInt8]) throws -> ArraySlice<UInt8>? {
    while true {
      if let end = buffer[scanned...].firstIndex(of: 0x0a) { return try take(to: end, next: end + 1) }
      scanned = buffer.count
      if hasEnded { return start == buffer.count ? nil : try take(to: buffer.count, next: buffer.count) }
      // A CR that belongs to the line's end may be the last byte so far.
      try checkLength(buffer.count - start - 1)
      buffer.removeFirst(start)
      (start, scanned) = (0, buffer.count)
      let piece = try read()
      hasEnded = piece.isEmpty
      buffer += piece
    }
  }

  private mutating func take(to end: Int, next: Int) throws -> ArraySlice<UInt8> {
    var line = buffer[start..<end]
    if next > end && line.last == 0x0d { line.removeLast() }
    (start, scanned) = (next, next)
    try checkLength(line.count)
    return line
  }

  private func checkLength(_ count: Int) throws {
    if count > longest { throw TooLong(longest: longest) }
  }
}
