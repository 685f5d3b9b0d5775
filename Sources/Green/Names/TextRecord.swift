/// A text that belongs to a name: a TXT record, RFC 1035 section 3.3.14.
public struct TextRecord: Sendable, Hashable {
  /// The record's strings, of at most 255 bytes each, in no particular encoding.
  public var strings: [[UInt8]]
  /// How long the record holds, as the name server said.
  public var timeToLive: Duration

  /// The strings joined, as most uses of TXT records have it; what is not UTF-8 is replaced.
  public var text: String { String(decoding: strings.joined(), as: UTF8.self) }
}
