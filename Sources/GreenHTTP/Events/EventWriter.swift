internal import Green

/// Where the events of an ``EventStream`` go. It lasts as long as the function that it was given to.
public final class EventWriter {
  private let body: BodyWriter
  /// The last event that the client has had, where it comes back after the connection broke: `Last-Event-ID`.
  public let lastEventID: String?
  /// When something was sent last.
  private var lastSent = Deadline.coarseNow

  init(_ body: BodyWriter, lastEventID: String?) {
    self.body = body
    self.lastEventID = lastEventID
  }

  /// Sends an event. It leaves when the calling fiber begins to wait; outside fibers at once. Parks or blocks while the client
  /// takes them too slowly.
  ///
  /// - Parameters:
  ///   - data: the content; each of its lines becomes one of the event's.
  ///   - event: what kind it is; `message` to a reader where there is none.
  ///   - id: what the client sends as ``lastEventID`` when it comes back.
  ///   - retry: how long the client is to wait before it comes back.
  /// - Throws: ``EventError`` for a kind or an id with a line end in it; as ``BodyWriter/write(_:)-(UnsafeRawBufferPointer)``.
  public func send(_ data: String, event: String? = nil, id: String? = nil, retry: Duration? = nil) throws {
    var text = ""
    if let event { text += try "event: \(Self.oneLine(event))\n" }
    if let id { text += try "id: \(Self.oneLine(id))\n" }
    if let retry { text += "retry: \(max(0, retry.wholeNanoseconds / 1_000_000))\n" }
    Self.forEachLine(data) { text += "data: \($0)\n" }
    try write(text + "\n")
  }

  /// Sends a comment, which no reader sees.
  public func comment(_ text: String) throws {
    var comment = ""
    Self.forEachLine(text) { comment += ": \($0)\n" }
    try write(comment + "\n")
  }

  private func write(_ text: String) throws {
    lastSent = .coarseNow
    try body.write(text)
  }

  /// A line end would begin another field, and so let whoever names an event make others.
  private static func oneLine(_ text: String) throws -> String {
    if text.utf8.contains(where: { $0 == 0x0a || $0 == 0x0d || $0 == 0 }) { throw EventError(text: text) }
    return text
  }

  /// The lines of a text, which may end in LF, CR or both.
  private static func forEachLine(_ text: String, _ body: (Substring) -> Void) {
    var rest = text[...].utf8
    while let end = rest.firstIndex(where: { $0 == 0x0a || $0 == 0x0d }) {
      body(Substring(rest[..<end]))
      let isPair = rest[end...].starts(with: [0x0d, 0x0a])
      rest = rest[end...].dropFirst(isPair ? 2 : 1)
    }
    body(Substring(rest))
  }

  private func beat(every interval: Duration) throws {
    while true {
      let next = lastSent.advanced(by: interval)
      if next.hasPassed { try comment("") } else { try Fiber.sleep(until: next) }
    }
  }

  /// Calls `body`, and meanwhile sends comments when there has been nothing else for so long.
  func beating(every interval: Duration, _ body: () throws -> Void) throws {
    guard Fiber.current != nil, interval > .zero else { return try body() }
    // Unsafe: used by fibers of one hub, which share a thread.
    nonisolated(unsafe) let events = self
    let beats = Fiber.spawn(name: "events") {
      // A client that has gone ends it, and the events in their own time.
      try? events.beat(every: interval)
    }
    defer { beats.cancel() }
    try body()
  }
}
