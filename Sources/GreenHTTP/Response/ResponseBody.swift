/// What a response carries.
public enum ResponseBody: Sendable, Hashable {
  /// Nothing.
  case empty
  /// Text, sent as UTF-8 straight from the string's own memory.
  case string(String)
  /// Bytes.
  case bytes([UInt8])
  /// What is made while it is sent.
  case stream(StreamedBody)

  /// The length in bytes; `nil` for a stream that does not know its own.
  public var count: Int? {
    switch self {
    case .empty: 0
    case .string(let string): string.utf8.count
    case .bytes(let bytes): bytes.count
    case .stream(let stream): stream.length
    }
  }
}
