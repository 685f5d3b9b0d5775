internal import Green
internal import HTTPTypes

/// Events for a browser's `EventSource`, one after the other for as long as it listens: `text/event-stream` of the HTML
/// standard, 9.2.
///
/// ```swift
/// app.get("/prices") { _ in
///   EventStream { events in
///     while let price = try prices.receive() { try events.send("\(price)", event: "price") }
///   }
/// }
/// ```
///
/// An event leaves when the function that makes them waits for the next one. When there has been none for
/// ``heartbeat``, a comment is sent, which no reader sees and which keeps those on the way from taking the connection
/// for dead. When the client has gone, the fiber is cancelled: what the function waits for ends with
/// `CancellationError`.
///
/// In `sync` and `thread` workers, which cannot be waited in and woken at the same time, there are no comments, and it is the
/// next event that tells that the client has gone. There an event stream holds a whole worker, or a thread, for as long as it
/// lasts.
public struct EventStream: Sendable {
  /// After how long without an event a comment is sent; 15 s by default, since proxies give up after 30 or more.
  public var heartbeat: Duration
  private let write: @Sendable (EventWriter) throws -> Void

  /// A stream of the events that `write` makes, as blocking code.
  public init(heartbeat: Duration = .seconds(15), _ write: @escaping @Sendable (EventWriter) throws -> Void) {
    self.heartbeat = heartbeat
    self.write = write
  }

  /// The answer.
  public func response(for request: Request) -> Response {
    let lastEventID = request.header(.lastEventID).flatMap { $0.utf8.contains(0) ? nil : $0 }
    let body = StreamedBody { body in
      let events = EventWriter(body, lastEventID: lastEventID)
      // So that the reader knows at once that it is connected.
      try body.flush()
      try request.cancelledWhenAbandoned {
        try events.beating(every: heartbeat) { try write(events) }
      }
    }
    // nginx gathers answers unless it is told not to.
    return Response(
      contentType: "text/event-stream", headers: [.cacheControl: "no-cache", .accelBuffering: "no"], body: .stream(body)
    )
  }
}

extension HTTPField.Name {
  fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID")!
  fileprivate static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
