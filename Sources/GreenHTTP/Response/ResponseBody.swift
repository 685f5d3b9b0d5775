/// What a response carries: nothing, text, bytes, or what is made while it is sent.
///
/// There may be more kinds one day. Who writes a response out, such as an adapter to another server, asks for ``stream``, and
/// where there is none for the bytes.
public struct ResponseBody: Sendable, Hashable {
  package enum Content: Sendable, Hashable {
    case empty
    case string(String)
    case bytes([UInt8])
    case stream(StreamedBody)
    case upgrade(Upgrade)
  }

  package let content: Content

  package init(_ content: Content) { self.content = content }

  /// Nothing.
  public static var empty: ResponseBody { ResponseBody(.empty) }
  /// Text, sent as UTF-8 straight from the string's own memory.
  public static func string(_ string: String) -> ResponseBody { ResponseBody(.string(string)) }
  /// Bytes.
  public static func bytes(_ bytes: [UInt8]) -> ResponseBody { ResponseBody(.bytes(bytes)) }
  /// What is made while it is sent.
  public static func stream(_ stream: StreamedBody) -> ResponseBody { ResponseBody(.stream(stream)) }

  /// The length in bytes; `nil` for a stream that does not know its own.
  public var count: Int? {
    switch content {
    case .empty, .upgrade: 0
    case .string(let string): string.utf8.count
    case .bytes(let bytes): bytes.count
    case .stream(let stream): stream.length
    }
  }

  /// What makes the body while it is sent; `nil` where the body is in memory.
  public var stream: StreamedBody? { if case .stream(let stream) = content { stream } else { nil } }

  /// Calls `body` with a body that is in memory; `nil` where there is a ``stream`` instead.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
    switch content {
    case .empty, .upgrade: try body(UnsafeRawBufferPointer(start: nil, count: 0))
    case .string(let string): try string.withBytes(body)
    case .bytes(let bytes): try bytes.withUnsafeBytes(body)
    case .stream: nil
    }
  }
}
