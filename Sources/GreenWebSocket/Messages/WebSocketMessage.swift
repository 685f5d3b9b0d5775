/// What is sent and received: text or bytes.
public enum WebSocketMessage: Sendable, Hashable {
  /// Text, which is sent as UTF-8.
  case text(String)
  /// Bytes.
  case binary([UInt8])

  /// The text; `nil` for bytes.
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// The content in bytes: text as UTF-8.
  public var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .binary(let bytes): bytes
    }
  }

  /// The length in bytes: of text, as UTF-8.
  public var count: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .binary(let bytes): bytes.count
    }
  }
}
