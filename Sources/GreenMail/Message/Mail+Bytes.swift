internal import Glibc
internal import GreenHTTP

extension Mail {
  /// The mail as it is sent (RFC 5322 and 2045), with CRLF at the end of each line.
  ///
  /// - Throws: ``MailError/field(_:)`` where something would end its field, and begin another.
  func bytes(at seconds: Int64 = Int64(time(nil)), id: String = Mail.token()) throws -> [UInt8] {
    try MailField.check("the subject", subject)
    var head = """
      From: \(MailField.address(from))\r
      To: \(to.isEmpty ? "undisclosed-recipients:;" : MailField.addresses(to))\r

      """
    if !cc.isEmpty { head += "Cc: \(MailField.addresses(cc))\r\n" }
    if let replyTo { head += "Reply-To: \(MailField.address(replyTo))\r\n" }
    head += """
      Subject: \(MailField.text(subject))\r
      Date: \(Self.date(seconds))\r
      Message-ID: <\(id)@\(from.domain)>\r
      MIME-Version: 1.0\r

      """
    return Array(head.utf8) + (try whole(id))
  }

  /// The fields of the content, and the content.
  private func whole(_ id: String) throws -> [UInt8] {
    guard !attachments.isEmpty else { return body(id) }
    return Self.multipart("mixed", "=_m\(id)", [body(id)] + (try attachments.map(Self.part)))
  }

  private func body(_ id: String) -> [UInt8] {
    let plain = Self.text("plain", text)
    guard let html else { return plain }
    // The last is the best (RFC 2046, 5.1.4).
    return Self.multipart("alternative", "=_a\(id)", [plain, Self.text("html", html)])
  }

  private static func text(_ kind: String, _ text: String) -> [UInt8] {
    let head = "Content-Type: text/\(kind); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return Array(head.utf8) + MailText.quotedPrintable(text)
  }

  private static func part(_ file: MailAttachment) throws -> [UInt8] {
    try MailField.check("a file's name", file.filename)
    try MailField.check("a file's media type", file.contentType)
    guard file.contentType.utf8.allSatisfy({ $0 < 0x7f }), file.contentType.utf8.count <= 200 else {
      throw MailError.field("a file's media type")
    }
    guard file.filename.utf8.count <= 255 else { throw MailError.field("a file's name") }
    let head = """
      Content-Type: \(file.contentType)\r
      Content-Disposition: attachment; \(MailField.filename(file.filename))\r
      Content-Transfer-Encoding: base64\r
      \r

      """
    return Array(head.utf8) + MailText.base64(file.bytes)
  }

  /// No line of quoted-printable or Base64 begins with a boundary: each has `=_`, which neither writes.
  private static func multipart(_ kind: String, _ boundary: String, _ parts: [[UInt8]]) -> [UInt8] {
    var bytes = Array("Content-Type: multipart/\(kind); boundary=\"\(boundary)\"\r\n\r\n".utf8)
    // The last line's end before a boundary is the boundary's (RFC 2046, 5.1.1).
    for part in parts { bytes += Array("--\(boundary)\r\n".utf8) + part + [0x0d, 0x0a] }
    return bytes + Array("--\(boundary)--\r\n".utf8)
  }

  /// RFC 5322, 3.3: as in HTTP, but for the name of the zone.
  private static func date(_ seconds: Int64) -> String {
    let text = String(unsafeUninitializedCapacity: HTTPDate.length) { buffer in
      HTTPDate.write(seconds, to: buffer.baseAddress!)
      return HTTPDate.length
    }
    return text.dropLast(3) + "+0000"
  }

  /// Something that nobody else has: 128 bits from the kernel.
  static func token() -> String {
    var generator = SystemRandomNumberGenerator()
    return [generator.next() as UInt64, generator.next()].map { String($0, radix: 36) }.joined()
  }
}
