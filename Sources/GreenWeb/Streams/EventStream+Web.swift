internal import FoundationEssentials
public import GreenHTTP
internal import HTTPTypes

extension EventStream: ResponseConvertible {}

extension EventStream {
  /// As ``/GreenHTTP/EventStream/init(heartbeat:_:)`` for an `async` function.
  public init(heartbeat: Duration = .seconds(15), _ write: @escaping @Sendable (EventWriter) async throws -> Void) {
    self.init(heartbeat: heartbeat, ensureSync(write))
  }
}

extension EventWriter {
  /// Sends an event whose content is a value as JSON, in the form of ``GreenHTTP/Response/json(_:status:)`` or another,
  /// but on one line.
  ///
  /// - Throws: as that, and as ``/GreenHTTP/EventWriter/send(_:event:id:retry:)``.
  public func send(
    json value: some Encodable, event: String? = nil, id: String? = nil, options: JSONOptions = JSONOptions()
  ) throws {
    var options = options
    options.isPretty = false
    let data = try Response.json(value, options: options).body.withBytes { String(decoding: $0, as: UTF8.self) }
    try send(data ?? "", event: event, id: id)
  }
}
