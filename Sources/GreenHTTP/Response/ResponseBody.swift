/// What a response carries. Its length is always known, so that the connection can be used again after it.
public enum ResponseBody: Sendable, Hashable {
  /// Nothing.
  case empty
  /// Text, sent as UTF-8 straight from the string's own memory.
  case string(String)
  /// Bytes.
  case bytes([UInt8])

  /// The length in bytes.
  public var count: Int {
    switch self {
    case .empty: 0
    case .string(let string): string.utf8.count
    case .bytes(let bytes): bytes.count
    }
  }
}
