/// A mail as it goes over the wire after `DATA` (RFC 5321, 4.5.2): a line that begins with a dot begins with two, and
/// one that is a dot alone is the end.
enum DotStuffing {
  static func stuffed(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 64)
    var isAtStart = true
    for byte in bytes {
      if isAtStart && byte == 0x2e { output.append(0x2e) }
      output.append(byte)
      isAtStart = byte == 0x0a
    }
    if !isAtStart { output += [0x0d, 0x0a] }
    return output + [0x2e, 0x0d, 0x0a]
  }
}
