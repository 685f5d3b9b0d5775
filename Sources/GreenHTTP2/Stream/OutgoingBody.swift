internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// The body of an answer on its way: one that is in memory, or pieces that are written meanwhile.
struct OutgoingBody {
  /// The body that is in memory, and how much of it has been taken.
  private var whole: ResponseBody?
  private var taken = 0
  /// What has been written and not been taken, from ``start`` on.
  private var pieces: [UInt8] = []
  private var start = 0
  /// Whether no more will be written.
  private(set) var hasEnded = false
  /// The fields after it.
  private(set) var trailers: HTTPFields = [:]
  /// Whether nghttp2 waits to be told that there is more.
  private(set) var isDeferred = false
  /// Set when there is room for another piece. Made when somebody waits.
  private(set) var room: Event?
  /// How many bytes have been taken in all.
  private(set) var bodyBytes = 0
  private var pace: Pace?
  private var bytesAtLastLook = 0

  /// How much may have been written that the client has no room for.
  static var most: Int { 65_536 }

  /// A body that is there already.
  mutating func begin(_ body: ResponseBody) {
    whole = body
    hasEnded = true
  }

  mutating func abandon() {
    (whole, pieces, start) = (nil, [], 0)
    room?.set()
  }

  // MARK: What is written

  /// How much can be written now.
  var free: Int { max(0, Self.most - (pieces.count - start)) }

  mutating func append(_ piece: UnsafeRawBufferPointer) { pieces += piece }
  mutating func end(trailers: HTTPFields = [:]) {
    hasEnded = true
    self.trailers = trailers
  }

  /// Whether nghttp2 is to be told that there is more; it is from now on.
  mutating func takeDeferral() -> Bool {
    defer { isDeferred = false }
    return isDeferred
  }

  mutating func prepareToWait() -> Event {
    let event = room ?? Event()
    event.clear()
    room = event
    return event
  }

  // MARK: What is taken

  /// What one look for more has found.
  enum Taken {
    case bytes(Int, isLast: Bool)
    case nothingYet
  }

  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Taken {
    guard let whole else { return takePiece(into: buffer) }
    let at = taken
    var count = 0
    var isLast = true
    _ = whole.withBytes { bytes in
      count = min(bytes.count - at, buffer.count)
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[at..<at + count]))
      isLast = at + count == bytes.count
    }
    taken += count
    bodyBytes += count
    return .bytes(count, isLast: isLast)
  }

  private mutating func takePiece(into buffer: UnsafeMutableRawBufferPointer) -> Taken {
    let count = min(pieces.count - start, buffer.count)
    if count == 0 && !hasEnded {
      isDeferred = true
      return .nothingYet
    }
    pieces.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
    start += count
    bodyBytes += count
    if start == pieces.count {
      start = 0
      pieces.removeAll(keepingCapacity: true)
    }
    if free >= Self.most / 2 { room?.set() }
    return .bytes(count, isLast: hasEnded && pieces.isEmpty)
  }

  // MARK: How fast it is taken

  private var isWaitingForClient: Bool { !isDeferred && (whole != nil || pieces.count > start) }

  /// Whether the client has been too slow. To be asked once in each `interval`.
  mutating func isTakenTooSlowly(in interval: Duration, _ limits: HTTPLimits) -> Bool {
    defer { bytesAtLastLook = bodyBytes }
    guard isWaitingForClient else { return false }
    let pace = pace ?? Pace(patience: limits.writeDeadline, rate: limits.minimumRate)
    self.pace = pace
    pace.note(waited: interval.wholeNanoseconds, moved: bodyBytes - bytesAtLastLook)
    return pace.left <= 0
  }
}
