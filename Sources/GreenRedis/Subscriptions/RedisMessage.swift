/// What a `PUBLISH` told.
public struct RedisMessage: Sendable, Equatable {
  /// The channel's name.
  public let channel: String
  /// The pattern that the channel fits, where a pattern was subscribed to.
  public let pattern: String?
  /// What was published.
  public let bytes: [UInt8]

  /// What was published, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// What Redis pushes: `["message", channel, bytes]`, `["pmessage", pattern, channel, bytes]`.
  init?(_ value: RedisValue) {
    guard let parts = value.array, let kind = parts.first?.string else { return nil }
    switch (kind, parts.count) {
    case ("message", 3): (channel, pattern, bytes) = (parts[1].string ?? "", nil, parts[2].bytes ?? [])
    case ("pmessage", 4): (channel, pattern, bytes) = (parts[2].string ?? "", parts[1].string, parts[3].bytes ?? [])
    default: return nil
    }
  }
}
