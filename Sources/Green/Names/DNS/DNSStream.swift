/// The heads of the messages of a TCP stream, each of which begins with its length (RFC 1035, 4.2.2). c-ares reads them in
/// whatever pieces it likes.
struct DNSStream {
  private static let headLength = 12
  private var begun: [UInt8] = []
  /// How many bytes of the message are still to come after what has been gathered of it.
  private var rest = 0

  /// Takes what was read, and tells the head of each message that is complete with it.
  mutating func take(_ bytes: UnsafeRawBufferPointer, head: ([UInt8]) -> Void) {
    for byte in bytes {
      if rest > 0 && begun.isEmpty {
        rest -= 1
        continue
      }
      begun.append(byte)
      guard begun.count >= 2 else { continue }
      let length = Int(begun[0]) << 8 | Int(begun[1])
      guard begun.count == 2 + min(length, Self.headLength) else { continue }
      if length >= Self.headLength { head(Array(begun[2...])) }
      rest = length - (begun.count - 2)
      begun = []
    }
  }
}
