/// Takes the framing of a chunked body apart (RFC 9112, 7.1): a function of the bytes alone.
///
/// It is strict where parsers differ, since a difference lets requests be smuggled past a proxy: a size is digits alone, a
/// line ends in CR LF, and there is no blank anywhere but in a quoted string.
struct ChunkParser {
  /// What the next byte belongs to.
  var place = Place.size
  /// How much of the chunk's data is still to come.
  var left = 0
  /// How many digits the size has so far.
  var digits = 0
  /// How much content there may be, and how much has been announced.
  private let limit: Int
  private var total = 0
  private var lineLength = 0
  /// By how much framing has been more than content allows.
  private var excess = 0

  enum Place {
    case size
    // An extension: `;name`, `;name=token` or `;name="string"`.
    case nameStart, name
    case valueStart, value
    case quoted, quotedPair, quotedEnd
    /// CR has come, LF must follow.
    case lineFeed
    case data
    /// The line end after the data.
    case dataEnd, dataLineFeed
    /// The last chunk's line has ended.
    case trailers
  }

  /// The longest line with a chunk's size and extensions, in bytes. Signatures of object stores have some 100.
  private static var longestLine: Int { 1_024 }
  /// How much framing there may be beyond twice the content: tiny chunks with large extensions would keep the parser busy
  /// for nothing. As in Go's net/http (CVE-2023-39326).
  private static var mostExcess: Int { 16_384 }

  /// What comes after the framing at the front of some bytes.
  enum Outcome {
    /// More bytes are needed to know.
    case incomplete
    /// So many bytes of content.
    case data(Int)
    /// The trailer section.
    case trailers
    case bad(ChunkFault)
  }

  /// - Parameter limit: how many bytes of content there may be.
  init(limit: Int) { self.limit = limit }

  /// Notes that so many bytes of the content have been taken.
  mutating func took(_ count: Int) {
    left -= count
    if left == 0 { place = .dataEnd }
  }

  /// Steps over the framing at the front of `bytes`, and says how many bytes that was and what comes next. What is bad stays
  /// bad when it is looked at again.
  mutating func step(over bytes: UnsafeRawBufferPointer) -> (used: Int, Outcome) {
    var used = 0
    while true {
      if place == .data { return (used, .data(left)) }
      if place == .trailers { return (used, .trailers) }
      if used == bytes.count { return (used, .incomplete) }
      if let fault = take(bytes[used]) { return (used, .bad(fault)) }
      used += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> ChunkFault? {
    switch place {
    case .dataEnd:
      guard byte == 0x0d else { return .dataEnd }
      place = .dataLineFeed
    case .dataLineFeed:
      guard byte == 0x0a else { return .dataEnd }
      place = .size
    case .lineFeed: return byte == 0x0a ? endLine() : .lineEnd
    default:
      if lineLength == Self.longestLine { return .lineTooLong }
      if let fault = takeOfLine(byte) { return fault }
      lineLength += 1
    }
    return nil
  }

  private mutating func endLine() -> ChunkFault? {
    let (sum, overflow) = total.addingReportingOverflow(left)
    // Before any of it is read.
    if overflow || sum > limit { return .bodyTooLong }
    // With its LF, and the line end after the data.
    let framing = excess + lineLength + 3
    let more = framing - min(framing, 16 + 2 * min(left, Self.mostExcess))
    if more > Self.mostExcess { return .overhead }
    total = sum
    excess = more
    place = left == 0 ? .trailers : .data
    digits = 0
    lineLength = 0
    return nil
  }
}
