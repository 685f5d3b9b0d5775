/// A frame of RFC 9113, 4.1.
struct Frame {
  var type: UInt8
  var flags: UInt8 = 0
  var stream: UInt32
  var payload: [UInt8] = []

  static let data: UInt8 = 0
  static let headers: UInt8 = 1
  static let priority: UInt8 = 2
  static let resetStream: UInt8 = 3
  static let settings: UInt8 = 4
  static let pushPromise: UInt8 = 5
  static let ping: UInt8 = 6
  static let goAway: UInt8 = 7
  static let windowUpdate: UInt8 = 8
  static let continuation: UInt8 = 9

  static let endStream: UInt8 = 1
  static let acknowledged: UInt8 = 1
  static let endHeaders: UInt8 = 4
  static let padded: UInt8 = 8
  static let hasPriority: UInt8 = 32

  var bytes: [UInt8] { Self.head(length: payload.count, type, flags, stream) + payload }

  static func head(length: Int, _ type: UInt8, _ flags: UInt8, _ stream: UInt32) -> [UInt8] {
    Array(number(UInt32(length)).dropFirst()) + [type, flags] + number(stream)
  }

  /// Four bytes, the most significant first.
  static func number(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  /// The four bytes at `offset`.
  func number(at offset: Int) -> UInt32 { payload[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
}

/// Fields as they are written down.
typealias Fields = [(name: String, value: String)]

/// HPACK (RFC 7541) as simply as it may be: every field a literal, none of them remembered.
enum FieldCoding {
  static func block(_ fields: Fields) -> [UInt8] {
    fields.flatMap { [0] + text($0.name) + text($0.value) }
  }

  static func text(_ text: String) -> [UInt8] { integer(text.utf8.count, prefix: 7) + Array(text.utf8) }

  /// RFC 7541, 5.1.
  static func integer(_ value: Int, prefix: Int, marks: UInt8 = 0) -> [UInt8] {
    let most = 1 << prefix - 1
    if value < most { return [marks | UInt8(value)] }
    var rest = value - most
    var bytes = [marks | UInt8(most)]
    while rest >= 128 {
      bytes.append(UInt8(rest % 128) | 128)
      rest /= 128
    }
    return bytes + [UInt8(rest)]
  }
}
