/// Reads a DNS message from its first to its last byte: the only place where such bytes are taken apart, and every step
/// is checked against the end.
struct DNSCursor {
  private let message: [UInt8]
  private(set) var position: Int

  init(_ message: [UInt8], at position: Int = 0) {
    self.message = message
    self.position = position
  }

  mutating func byte() throws(DNSMalformed) -> UInt8 {
    guard position < message.count else { throw DNSMalformed("it ends in the middle of a field") }
    defer { position += 1 }
    return message[position]
  }

  mutating func number16() throws(DNSMalformed) -> UInt16 { UInt16(try byte()) << 8 | UInt16(try byte()) }

  mutating func number32() throws(DNSMalformed) -> UInt32 { UInt32(try number16()) << 16 | UInt32(try number16()) }

  mutating func bytes(_ count: Int) throws(DNSMalformed) -> ArraySlice<UInt8> {
    guard count <= message.count - position else { throw DNSMalformed("a field is longer than what is left of it") }
    defer { position += count }
    return message[position..<position + count]
  }

  /// A domain name, RFC 1035 section 3.1, with compression, section 4.1.4. In text form: labels with dots between them,
  /// none at the end; the root is the empty string. Bytes that would be misread are escaped, section 5.1.
  mutating func name() throws(DNSMalformed) -> String {
    var text: [UInt8] = []
    var wireLength = 1
    var place = position
    // A pointer must lead to before where the name, or the part of it that the last pointer led to, began: this ends.
    var bound = position
    var pointers = 0
    while true {
      guard place < message.count else { throw DNSMalformed("a name runs over its end") }
      let length = Int(message[place])
      switch length >> 6 {
      case 0:
        place += 1
        if pointers == 0 { position = place }
        if length == 0 { return String(decoding: text, as: UTF8.self) }
        guard length <= message.count - place else { throw DNSMalformed("a label runs over its end") }
        wireLength += length + 1
        guard wireLength <= 255 else { throw DNSMalformed("a name is longer than 255 bytes") }
        if !text.isEmpty { text.append(UInt8(ascii: ".")) }
        for byte in message[place..<place + length] { DNSName.append(byte, to: &text) }
        place += length
        if pointers == 0 { position = place }
      case 3:
        guard place + 1 < message.count else { throw DNSMalformed("a name runs over its end") }
        let target = (length & 0x3f) << 8 | Int(message[place + 1])
        guard target < bound else { throw DNSMalformed("a compressed name leads in a circle") }
        if pointers == 0 { position = place + 2 }
        pointers += 1
        // A name of 255 bytes has 127 labels at most, and no use for more pointers: each costs a step.
        guard pointers <= 127 else { throw DNSMalformed("a compressed name has too many pointers") }
        place = target
        bound = target
      default: throw DNSMalformed("a label is of an unknown kind")
      }
    }
  }
}

/// Why a DNS message cannot be read.
struct DNSMalformed: Error, Equatable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
