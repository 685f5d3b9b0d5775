internal import Glibc

extension NameServer {
  /// A resource record, as it goes over the wire.
  public struct Record: Sendable {
    public var owner: String
    public var type: UInt16
    public var timeToLive: UInt32
    public var data: [UInt8]

    public init(_ owner: String, type: UInt16, timeToLive: UInt32 = 300, data: [UInt8]) {
      self.owner = owner
      self.type = type
      self.timeToLive = timeToLive
      self.data = data
    }

    public static func a(_ owner: String, _ address: String, timeToLive: UInt32 = 300) -> Record {
      var binary = in_addr()
      inet_pton(AF_INET, address, &binary)
      return Record(owner, type: 1, timeToLive: timeToLive, data: withUnsafeBytes(of: binary) { Array($0) })
    }

    public static func aaaa(_ owner: String, _ address: String, timeToLive: UInt32 = 300) -> Record {
      var binary = in6_addr()
      inet_pton(AF_INET6, address, &binary)
      return Record(owner, type: 28, timeToLive: timeToLive, data: withUnsafeBytes(of: binary) { Array($0) })
    }

    public static func cname(_ owner: String, _ target: String, timeToLive: UInt32 = 300) -> Record {
      Record(owner, type: 5, timeToLive: timeToLive, data: encode(target))
    }

    public static func ptr(_ owner: String, _ target: String) -> Record {
      Record(owner, type: 12, data: encode(target))
    }

    public static func mx(_ owner: String, _ preference: UInt16, _ exchange: String) -> Record {
      Record(owner, type: 15, data: bytes(preference) + encode(exchange))
    }

    public static func srv(
      _ owner: String, priority: UInt16, weight: UInt16, port: UInt16, _ target: String, timeToLive: UInt32 = 300
    ) -> Record {
      Record(
        owner, type: 33, timeToLive: timeToLive,
        data: bytes(priority) + bytes(weight) + bytes(port) + encode(target))
    }

    public static func txt(_ owner: String, _ strings: [String]) -> Record {
      Record(owner, type: 16, data: strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) })
    }

    public static func soa(_ owner: String, minimum: UInt32, timeToLive: UInt32 = 300) -> Record {
      Record(
        owner, type: 6, timeToLive: timeToLive,
        data: encode("ns." + owner) + encode("admin." + owner) + [1, 3600, 600, 86400, minimum].flatMap { bytes32($0) })
    }

    var wire: [UInt8] {
      Self.encode(owner) + Self.bytes(type) + Self.bytes(1) + Self.bytes32(timeToLive)
        + Self.bytes(UInt16(data.count)) + data
    }

    /// A name without compression. A label longer than 63 bytes comes out wrong, as a test may want it.
    public static func encode(_ name: String) -> [UInt8] {
      name.split(separator: ".").flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) } + [0]
    }

    static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }

    static func bytes32(_ number: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
  }

  /// What a client asks.
  public struct Query: Sendable {
    /// In lower case, without a dot at the end.
    public var name: String
    public var type: UInt16
    public var isOverTCP: Bool
    /// Whether it came with an OPT record (RFC 6891, 6.1.1), the one additional record that a resolver sends.
    public var usesEDNS: Bool
    var id: [UInt8]
    /// The question as it came, to be repeated.
    var question: [UInt8]

    init?(_ packet: ArraySlice<UInt8>, isOverTCP: Bool) {
      let packet = Array(packet)
      guard packet.count > 16 else { return nil }
      var labels: [String] = []
      var place = 12
      while place < packet.count, packet[place] != 0 {
        let end = place + 1 + Int(packet[place])
        guard end < packet.count else { return nil }
        labels.append(String(decoding: packet[(place + 1)..<end], as: UTF8.self))
        place = end
      }
      guard place + 5 <= packet.count else { return nil }
      name = labels.joined(separator: ".").lowercased()
      type = UInt16(packet[place + 1]) << 8 | UInt16(packet[place + 2])
      self.isOverTCP = isOverTCP
      usesEDNS = packet[11] > 0
      id = Array(packet[0..<2])
      question = Array(packet[12..<(place + 5)])
    }

    /// The same question in small letters, as servers repeat it that do not keep its case.
    public var inSmallLetters: Query {
      var other = self
      for place in question.indices.dropLast(4) where (65...90).contains(question[place]) {
        other.question[place] |= 0x20
      }
      return other
    }

    /// Whether the question has capital letters.
    public var hasCapitals: Bool { question.dropLast(4).contains { (65...90).contains($0) } }

    /// The same question under another identifier, as one who does not see it must guess it.
    public var misremembered: Query {
      var other = self
      other.id[1] ^= 1
      return other
    }

    /// A whole answer to this question.
    public func answer(code: UInt8 = 0, _ records: [Record] = [], authorities: [Record] = [], isTruncated: Bool = false)
      -> [UInt8]
    {
      id + [isTruncated ? 0x87 : 0x85, 0x80 | code] + Record.bytes(1) + Record.bytes(UInt16(records.count))
        + Record.bytes(UInt16(authorities.count)) + [0, 0] + question + (records + authorities).flatMap(\.wire)
    }
  }
}
