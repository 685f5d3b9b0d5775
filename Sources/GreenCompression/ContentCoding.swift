internal import CContentCoding

/// A way to make content shorter: the codings of RFC 9110, 8.4.1, RFC 7932 and RFC 8878.
public enum ContentCoding: String, Sendable, Hashable, CaseIterable {
  /// Brotli, by libbrotlienc: the shortest for text.
  case brotli = "br"
  /// Zstandard, by libzstd: the fastest.
  case zstd
  /// What every client knows, by zlib.
  case gzip
  /// The same without gzip's head. Some clients take it for something else, so that it is tried last.
  case deflate

  /// As the C library's wrapper has it.
  var kind: ccoding_kind {
    switch self {
    case .brotli: CCODING_BROTLI
    case .zstd: CCODING_ZSTD
    case .gzip: CCODING_GZIP
    case .deflate: CCODING_DEFLATE
    }
  }
}
