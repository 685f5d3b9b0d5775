import CDecoders
import GreenCompression

extension ContentCoding {
  /// What a client makes of what has come so far; `nil` where it is malformed.
  func decoded(_ bytes: [UInt8]) -> (content: [UInt8], hasEnded: Bool)? {
    var ended: Int32 = 0
    var isWellFormed = false
    let content = [UInt8](unsafeUninitializedCapacity: 8 << 20) { room, count in
      let decode =
        switch self {
        case .gzip: cdecoders_gzip
        case .deflate: cdecoders_deflate
        case .brotli: cdecoders_brotli
        case .zstd: cdecoders_zstd
        }
      let made = decode(bytes, bytes.count, room.baseAddress, room.count, &ended)
      isWellFormed = made >= 0
      count = max(made, 0)
    }
    return isWellFormed ? (content, ended != 0) : nil
  }
}
