/// What a mail server says (RFC 5321, 4.2).
struct SMTPReply: Equatable {
  let code: Int
  /// Its lines without the code.
  let lines: [String]

  var text: String { lines.joined(separator: " ") }

  /// What has arrived of a reply, line by line.
  struct Reader {
    private var code: Int?
    private var lines: [String] = []

    /// So many lines are read of one reply.
    private static let mostLines = 200

    /// Takes a line, without its end; returns the reply where that was its last.
    ///
    /// - Throws: ``MailError/malformed(_:)``.
    mutating func take(_ line: [UInt8]) throws -> SMTPReply? {
      let digits = line.prefix(3)
      guard digits.count == 3, digits.allSatisfy({ $0 &- 0x30 < 10 }), (0x32...0x35).contains(line[0]),
        line.count == 3 || line[3] == 0x20 || line[3] == 0x2d
      else { throw MailError.malformed(Self.shown(line)) }
      let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
      guard code == nil || code == number, lines.count < Self.mostLines else {
        throw MailError.malformed(Self.shown(line))
      }
      code = number
      lines.append(Self.shown(line.dropFirst(4)))
      if line.count > 3 && line[3] == 0x2d { return nil }
      defer { self = Reader() }
      return SMTPReply(code: number, lines: lines)
    }

    /// For logs: nothing that ends a line.
    private static func shown(_ bytes: some Sequence<UInt8>) -> String {
      String(decoding: bytes.prefix(500).map { $0 < 0x20 || $0 == 0x7f ? 0x3f : $0 }, as: UTF8.self)
    }
  }
}
