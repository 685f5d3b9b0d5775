import SuiteSupport
import Testing

@testable import GreenMail

@Suite(.bounded) struct MessageTests {
  @Test(arguments: [
    "ada@example.org", "a.b+c@x-1.example", "a!#$%&'*/=?^_`{|}~@b", "a@127.0.0.1",
  ])
  func addressesAreTaken(_ text: String) throws {
    #expect(try MailAddress(text).address == text)
  }

  @Test(arguments: [
    "", "ada", "@example.org", "ada@", "a@b@c", "a b@c", "a@b c", "a@b\r\nBcc: c@d", "a@b>", "<a@b>", "a@b,c@d",
    "\"a\"@b",
    "a@-b", "a@b..c", "ä@b", "a@bä", "a@b\0", "a\n@b", String(repeating: "a", count: 65) + "@b",
  ])
  func whatIsNotAnAddressIsRefused(_ text: String) {
    #expect(throws: MailError.address(text)) { try MailAddress(text) }
  }

  @Test(arguments: ["a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\0b", "a\u{85}b", "a\u{2028}b", "\u{7f}"])
  func nothingBeginsAFieldOfItsOwn(_ text: String) throws {
    let ada = try MailAddress("ada@example.org")
    #expect(throws: MailError.field("a name")) { try MailAddress("ada@example.org", name: text) }
    #expect(throws: MailError.field("the subject")) { try Mail(from: ada, to: [ada], subject: text).bytes() }
    for file in [MailAttachment(text, []), MailAttachment("a", contentType: text, [])] {
      var mail = Mail(from: ada, to: [ada], subject: "x")
      mail.attachments = [file]
      #expect(throws: MailError.self) { try mail.bytes() }
    }
  }

  @Test func aPlainMailIsAsTheStandardHasIt() throws {
    var mail = Mail(
      from: try MailAddress("ada@example.org", name: "Ada \"Countess\""),
      to: [try MailAddress("b@example.org"), try MailAddress("c@example.org", name: "Grüße")], subject: "Hello",
      text: "one\ntwo = 2 \r\nthree\r")
    mail.bcc = [try MailAddress("secret@example.org")]
    let text = String(decoding: try mail.bytes(at: 1_795_996_800, id: "ID"), as: UTF8.self)
    #expect(
      text == """
        From: "Ada \\"Countess\\"" <ada@example.org>\r
        To: b@example.org,\r
         =?UTF-8?B?R3LDvMOfZQ==?= <c@example.org>\r
        Subject: Hello\r
        Date: Mon, 30 Nov 2026 00:00:00 +0000\r
        Message-ID: <ID@example.org>\r
        MIME-Version: 1.0\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        one\r
        two =3D 2=20\r
        three\r

        """)
  }

  @Test(arguments: [
    String(repeating: "ü", count: 500), String(repeating: "x", count: 500), "=?UTF-8?B?YQ==?=",
    "👩‍👩‍👧‍👦 " + String(repeating: "🎉", count: 90),
  ])
  func linesAreShort(_ text: String) throws {
    let ada = try MailAddress("ada@example.org", name: text)
    var mail = Mail(from: ada, to: [ada, ada], subject: text, text: text)
    mail.html = text
    mail.attachments = [MailAttachment(String(text.prefix(50)), Array(text.utf8))]
    let bytes = try mail.bytes()
    #expect(bytes.allSatisfy { $0 < 0x7f })
    for line in bytes.split(separator: 0x0a) { #expect(line.count <= 998 && line.last == 0x0d) }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") where !line.contains("filename") {
      #expect(line.utf8.count <= 100, "\(line)")
    }
  }

  @Test(arguments: [
    ("", ".\r\n"), (".", "..\r\n.\r\n"), ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
    ("a.b\r\n..c\r\n", "a.b\r\n...c\r\n.\r\n"),
  ])
  func dotsAreStuffed(_ text: String, _ expected: String) {
    #expect(String(decoding: DotStuffing.stuffed(Array(text.utf8)), as: UTF8.self) == expected)
  }

  @Test func everybodyIsARecipientOnce() throws {
    let (a, b, c) = (try MailAddress("a@x"), try MailAddress("b@x"), try MailAddress("c@x", name: "C"))
    var mail = Mail(from: a, to: [b, c], subject: "")
    mail.cc = [b]
    mail.bcc = [try MailAddress("c@x"), a]
    #expect(mail.recipients == [b, c, a])
  }

  @Test func aBoxKeepsWhatAServerWouldTake() throws {
    let box = MailBox()
    let ada = try MailAddress("ada@example.org")
    try box.send(Mail(from: ada, to: [ada], subject: "one"))
    #expect(throws: MailError.noRecipient) { try box.send(Mail(from: ada, to: [], subject: "two")) }
    #expect(throws: MailError.field("the subject")) { try box.send(Mail(from: ada, to: [ada], subject: "a\nb")) }
    #expect(box.mails.map(\.subject) == ["one"])
  }
}

@Suite(.bounded) struct SMTPReplyTests {
  private func read(_ lines: [String]) throws -> SMTPReply? {
    var reader = SMTPReply.Reader()
    var reply: SMTPReply?
    for line in lines { reply = try reader.take(Array(line.utf8)) }
    return reply
  }

  @Test func repliesHaveOneLineOrSeveral() throws {
    #expect(try read(["250 OK"]) == SMTPReply(code: 250, lines: ["OK"]))
    #expect(try read(["250"]) == SMTPReply(code: 250, lines: [""]))
    #expect(try read(["250-a", "250-b c", "250 d"]) == SMTPReply(code: 250, lines: ["a", "b c", "d"]))
    #expect(try read(["250-a"]) == nil)
    #expect(try read(["550 a\u{1b}[2Jb"])?.text == "a?[2Jb")
  }

  @Test(arguments: [
    [""], ["25"], ["abc"], ["150 early"], ["650 late"], ["250x"], ["250-a", "251 b"], ["SSH-2.0-OpenSSH"],
  ])
  func whatIsNotAReplyIsRefused(_ lines: [String]) {
    #expect(throws: MailError.self) { try read(lines) }
  }

  @Test func aReplyWithoutEndIsRefused() {
    #expect(throws: MailError.self) { try read([String](repeating: "250-x", count: 1000)) }
  }
}

@Suite(.bounded) struct MailServerAddressTests {
  @Test func addressesAreRead() throws {
    let plain = try MailServerAddress("smtp://mail.example.org")
    #expect(plain.host == "mail.example.org" && plain.port == 587 && !plain.isEncrypted && plain.user == nil)
    let whole = try MailServerAddress("smtps://ada%40example.org:p%3Aw@[::1]:4650/")
    #expect(whole.host == "::1" && whole.port == 4650 && whole.isEncrypted && whole.isLoopback)
    #expect(whole.user == "ada@example.org" && whole.password == "p:w")
    #expect(try MailServerAddress("smtps://a").port == 465)
  }

  @Test(arguments: [
    "", "mail.example.org", "http://a", "smtp://", "smtp://a:0", "smtp://a:x", "smtp://a:1:2", "smtp://user@a",
    "smtp://:pw@a",
    "smtp://u:%zz@a", "smtp://[::1", "smtp://[::1]x", "smtp://a b", "smtp://a/b",
  ])
  func whatIsNotAnAddressIsRefused(_ text: String) {
    #expect(throws: MailError.self) { try MailServerAddress(text) }
  }

  @Test func aPasswordIsNotTold() {
    let error = #expect(throws: MailError.self) { try MailServer("smtp://ada:hunter2@host:x") }
    #expect(error?.description.contains("hunter2") == false)
  }
}
