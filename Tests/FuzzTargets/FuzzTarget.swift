/// What is fed with bytes that nobody would write: each is a function of the bytes, which must neither trap nor hang, and in
/// which nothing may depend on how the bytes come.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// Requests, whole connections of them.
  case head
  /// The body of a request that comes in chunks.
  case chunk
  /// How handlers read a body: into memory of any size, as text and by lines.
  case body
  /// What a client of a WebSocket sends.
  case websocket
  /// What a proxy says first.
  case proxy
  /// What a client of HTTP/2 sends.
  case http2
  /// A form with files.
  case form
  /// The fields of queries and cookies.
  case fields
  /// The parts of an answer that are asked for, and conditions.
  case ranges

  /// Feeds the target. The first byte says how the rest is cut into pieces.
  ///
  /// - Returns: what is wrong; `nil` where nothing is.
  public func complaint(about input: [UInt8]) -> String? {
    guard let first = input.first else { return nil }
    let bytes = Array(input.dropFirst())
    return switch self {
    case .head: RequestFuzzing.complaint(bytes, cut: first)
    case .chunk: RequestFuzzing.complaint(Array(RequestFuzzing.chunkedHead.utf8) + bytes, cut: first)
    case .body: BodyFuzzing.complaint(bytes, choice: first)
    case .websocket: WebSocketFuzzing.complaint(bytes, choice: first)
    case .proxy: ProxyFuzzing.complaint(bytes)
    case .http2: HTTP2Fuzzing.complaint(bytes, cut: first)
    case .form: FormFuzzing.complaint(bytes, cut: first)
    case .fields: FormFuzzing.complaint(aboutFields: bytes)
    case .ranges: RangeFuzzing.complaint(bytes)
    }
  }
}
