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

  /// About how much memory its compressor takes, with the windows that the wrapper of the C libraries gives it.
  var memory: Int {
    switch self {
    case .brotli: 1 << 20
    case .zstd: 1 << 19
    case .gzip, .deflate: 1 << 18
    }
  }

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
