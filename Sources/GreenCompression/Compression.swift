/// How answers are compressed for clients that take it (`Accept-Encoding`, RFC 9110, 12.5.3).
///
/// ```swift
/// import GreenCompression
///
/// app.compress()
/// ```
///
/// What is compressed is text, by its type, from ``minimumLength`` bytes on, and streams, in which nothing is kept back while
/// whoever makes them waits. It is not done where the answer has a coding already, or is a part (`206`), where it says
/// `Cache-Control: no-transform`, or brings a digest of its content.
///
/// A page that shows a secret beside what a client has sent gives the secret away by its length, once it is compressed
/// (BREACH): such a page says ``GreenHTTP/Response/withoutCompression()``.
public struct Compression: Sendable, Hashable {
  /// The codings there are, the first before the others where a client likes them alike.
  public var codings: [ContentCoding] = [.brotli, .zstd, .gzip, .deflate]
  /// From 1, fast, to 9, short. At the default, 4, a core compresses about 100 MB a second.
  public var level = 4
  /// How many bytes a body in memory must have at least: a shorter one fits into a packet as it is. 1,024 by default.
  public var minimumLength = 1024

  /// The defaults.
  public init() {}

  /// How many bytes of memory a process takes for compressing at once, 64 MB: 64 answers by brotli, 128 by Zstandard,
  /// 256 by gzip or deflate. What comes beyond is compressed by another coding that the client takes, or sent as it is.
  /// An answer has its compressor until it has been sent: a stream of events for as long as it lasts.
  public static var maximumMemory: Int { 64 << 20 }
}
