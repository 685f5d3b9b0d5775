public import GreenHTTP

extension ContentDecoding {
  /// Brotli, Zstandard and gzip, which an `HTTPClient` of `GreenHTTPClient` asks for then and takes off. Not deflate,
  /// which not every server means as RFC 9110, 8.4.1.2 has it.
  public static let standard = ContentDecoding([ContentCoding.brotli, .zstd, .gzip].map(\.rawValue)) {
    ContentCoding(rawValue: $0 == "x-gzip" ? "gzip" : $0).flatMap { Decoder($0) }
  }
}
