internal import Glibc

/// The question of a packet, in letters whose case is drawn: servers repeat it as it came, and a forger who did not see it
/// must guess it ("0x20", draft-vixie-dnsext-dns0x20).
struct DNSQuestionCase {
  /// The question section as it was to be asked, and as it was.
  let plain: [UInt8]
  let drawn: [UInt8]
  /// Whether the letters were drawn: else in which case they come back says nothing of who answers.
  private let isDrawn: Bool

  /// Where the question section begins: after the header.
  private static let start = 12

  enum Match {
    case same, otherCase, other
    /// The packet repeats no question.
    case none
  }

  /// Draws the letters' case in `packet`, which has one question, unless it is to stay as it is.
  init(in packet: UnsafeMutableBufferPointer<UInt8>, isDrawn: Bool) {
    var end = Self.start
    var letters: [Int] = []
    while end < packet.count, packet[end] != 0 {
      let next = end + 1 + Int(packet[end])
      for place in (end + 1)..<min(next, packet.count) where Self.isLetter(packet[place]) { letters.append(place) }
      end = next
    }
    end = min(end + 5, packet.count)
    plain = Array(packet[Self.start..<end])
    self.isDrawn = isDrawn
    if isDrawn {
      for (place, byte) in zip(letters, Self.random(letters.count)) where byte & 1 != 0 { packet[place] ^= 0x20 }
    }
    drawn = Array(packet[Self.start..<end])
  }

  /// Whether a server that keeps the case can be told from one that does not.
  var tells: Bool { isDrawn && drawn.contains { (65...90).contains($0) } }

  /// How the question that `packet` repeats compares with what was asked.
  func match(_ packet: UnsafeRawBufferPointer) -> Match {
    if packet[4] == 0 && packet[5] == 0 { return .none }
    guard packet.count >= Self.start + drawn.count else { return .other }
    let repeated = packet[Self.start..<(Self.start + drawn.count)]
    if repeated.elementsEqual(drawn) { return .same }
    guard repeated.elementsEqual(plain, by: { Self.lowered($0) == Self.lowered($1) }) else { return .other }
    return isDrawn ? .otherCase : .same
  }

  /// Puts the question in an answer back as it was to be asked: names in the records may point into it.
  func restore(in answer: inout [UInt8]) {
    guard answer.count >= Self.start + plain.count else { return }
    answer.replaceSubrange(Self.start..<(Self.start + plain.count), with: plain)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }
  private static func lowered(_ byte: UInt8) -> UInt8 { isLetter(byte) ? byte | 0x20 : byte }

  private static func random(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: min(count, 256)) { room, filled in
      filled = min(count, 256)
      if filled > 0, getentropy(room.baseAddress!, filled) != 0 {
        for index in 0..<filled { room[index] = .random(in: .min ... .max) }
      }
    }
  }
}
