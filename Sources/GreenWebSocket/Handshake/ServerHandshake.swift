internal import GreenHTTP
internal import HTTPTypes

/// What a client's request for a WebSocket comes to (RFC 6455, 4.2).
struct ServerHandshake {
  let subprotocol: String?
  let compression: AgreedCompression?
  /// The fields of the answer, besides those that any upgrade has.
  let fields: HTTPFields

  /// Looks at a request. Throws the ``HTTPError`` to answer it with where it cannot be met.
  init(
    _ request: Request, subprotocols: [String], origins: WebSocketOrigins, compression: WebSocketCompression?
  ) throws(HTTPError) {
    guard ServerHandshake.asksForWebSocket(request) else {
      throw HTTPError(
        .upgradeRequired, "this is a WebSocket", headers: [.upgrade: "websocket", .connection: "upgrade"])
    }
    guard request.header(.secWebSocketVersion) == "13" else {
      throw HTTPError(
        .upgradeRequired, "Sec-WebSocket-Version must be 13",
        headers: [.secWebSocketVersion: "13", .upgrade: "websocket"])
    }
    guard let key = request.header(.secWebSocketKey), AcceptKey.isValid(key) else {
      throw HTTPError(.badRequest, "Sec-WebSocket-Key must be 16 bytes in base64")
    }
    guard origins.allows(request.header(.origin), host: request.host) else {
      throw HTTPError(.forbidden, "pages of another site cannot open this WebSocket")
    }
    var fields: HTTPFields = [.secWebSocketAccept: AcceptKey.accept(for: key)]
    let offered = (request.header(.secWebSocketProtocol) ?? "").pieces(between: ",").map(\.trimmed)
    subprotocol = subprotocols.first { offered.contains($0) }
    if let subprotocol { fields[.secWebSocketProtocol] = subprotocol }
    let answer = compression.flatMap {
      CompressionAgreement.answer(request.header(.secWebSocketExtensions) ?? "", $0)
    }
    self.compression = answer?.agreed
    if let answer { fields[.secWebSocketExtensions] = answer.field }
    self.fields = fields
  }

  /// Whether a request asks to go on as a WebSocket. One of HTTP/2 has these fields where RFC 8441 is what it asks by.
  static func asksForWebSocket(_ request: Request) -> Bool {
    request.method == .get && (request.version == .http1_1 || request.version == .http2)
      && request.header(.upgrade)?.lists("websocket") ?? false
      && request.header(.connection)?.lists("upgrade") ?? false
  }
}
