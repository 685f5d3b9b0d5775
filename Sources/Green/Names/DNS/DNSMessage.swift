internal import Glibc

/// What is asked: a name and a type of record, in class IN.
struct DNSQuestion: Hashable, Sendable {
  /// In lower case, without a dot at the end, and with unusual bytes escaped.
  let name: String
  /// The same in the case in which the asker wrote it.
  let spelling: String
  let type: DNSType

  init(_ name: String, _ type: DNSType) {
    spelling = DNSName.canonical(name)
    self.name = spelling.lowercased()
    self.type = type
  }

  static func == (left: DNSQuestion, right: DNSQuestion) -> Bool { left.type == right.type && left.name == right.name }

  func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(type)
  }
}

/// A type of record, RFC 1035 section 3.2.2 and later ones.
struct DNSType: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt16

  static let a = DNSType(rawValue: 1)
  static let cname = DNSType(rawValue: 5)
  static let soa = DNSType(rawValue: 6)
  static let ptr = DNSType(rawValue: 12)
  static let mx = DNSType(rawValue: 15)
  static let txt = DNSType(rawValue: 16)
  static let aaaa = DNSType(rawValue: 28)
  static let srv = DNSType(rawValue: 33)
}

/// A resource record.
struct DNSRecord: Sendable {
  enum Data: Sendable, Equatable {
    case address(IPAddress)
    case name(String)
    case exchange(preference: UInt16, String)
    case service(priority: UInt16, weight: UInt16, port: UInt16, String)
    case text([[UInt8]])
    case authority(minimum: UInt32)
    case other
  }

  let owner: String
  let type: DNSType
  /// Seconds.
  let timeToLive: UInt32
  let data: Data
}

/// A DNS message, as far as a stub resolver looks at it: RFC 1035 section 4.
struct DNSMessage {
  let responseCode: UInt8
  let question: DNSQuestion
  let answers: [DNSRecord]
  let authorities: [DNSRecord]

  init(_ bytes: [UInt8]) throws(DNSMalformed) {
    var cursor = DNSCursor(bytes)
    _ = try cursor.number16()
    let flags = try cursor.number16()
    guard flags & 0x8000 != 0 else { throw DNSMalformed("it is a question") }
    responseCode = UInt8(flags & 15)
    guard try cursor.number16() == 1 else { throw DNSMalformed("it does not repeat its question") }
    let (answerCount, authorityCount) = (try cursor.number16(), try cursor.number16())
    _ = try cursor.number16()
    question = DNSQuestion(try cursor.name(), DNSType(rawValue: try cursor.number16()))
    _ = try cursor.number16()
    answers = try Self.records(answerCount, &cursor)
    authorities = try Self.records(authorityCount, &cursor)
  }

  private static func records(_ count: UInt16, _ cursor: inout DNSCursor) throws(DNSMalformed) -> [DNSRecord] {
    var records: [DNSRecord] = []
    for _ in 0..<count {
      let owner = try cursor.name()
      let type = DNSType(rawValue: try cursor.number16())
      let isInternet = try cursor.number16() == 1
      let timeToLive = try cursor.number32()
      let length = Int(try cursor.number16())
      var content = cursor
      _ = try cursor.bytes(length)
      guard isInternet else { continue }
      let data = try Self.data(type, length, &content)
      if case .other = data {
      } else if content.position != cursor.position {
        throw DNSMalformed("a record's length does not agree with its content")
      }
      // RFC 2181 section 8: a value with the top bit set counts as 0.
      records.append(
        DNSRecord(owner: owner, type: type, timeToLive: timeToLive >> 31 == 0 ? timeToLive : 0, data: data))
    }
    return records
  }

  private static func data(_ type: DNSType, _ length: Int, _ content: inout DNSCursor) throws(DNSMalformed)
    -> DNSRecord.Data
  {
    switch type {
    case .a, .aaaa:
      guard length == (type == .a ? 4 : 16), let address = IPAddress(try content.bytes(length)) else {
        throw DNSMalformed("an address has \(length) bytes")
      }
      return .address(address)
    case .cname, .ptr: return .name(try content.name())
    case .mx: return .exchange(preference: try content.number16(), try content.name())
    case .srv:
      return .service(
        priority: try content.number16(), weight: try content.number16(), port: try content.number16(),
        try content.name())
    case .txt:
      let end = content.position + length
      var strings: [[UInt8]] = []
      while content.position < end { strings.append(Array(try content.bytes(Int(try content.byte())))) }
      return .text(strings)
    case .soa:
      _ = (try content.name(), try content.name())
      // Serial number, refresh, retry and expire.
      for _ in 0..<4 { _ = try content.number32() }
      return .authority(minimum: try content.number32())
    default: return .other
    }
  }
}
