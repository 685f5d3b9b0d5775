/// How messages are compressed: permessage-deflate (RFC 7692).
public struct WebSocketCompression: Hashable, Sendable {
  /// Messages below this many bytes are sent as they are: to compress them gains nothing.
  public var threshold = 256
  /// 1, the fastest, to 9.
  public var level = 1
  /// Whether a message may refer to those before it. Small messages of one kind get smaller by far, but each connection then
  /// keeps 300 KB of zlib's memory; without it the memory is taken for the time of a message only.
  public var keepsContext = false

  /// Compression with these values; a level outside of 1 to 9 is the nearest of these.
  public init(threshold: Int = 256, level: Int = 1, keepsContext: Bool = false) {
    self.threshold = threshold
    self.level = min(9, max(1, level))
    self.keepsContext = keepsContext
  }
}
