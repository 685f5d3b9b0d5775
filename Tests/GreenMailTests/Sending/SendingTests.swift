import DataServers
import Foundation
import Green
import GreenHTTP
import GreenMail
import GreenTLS
import GreenTasks
import SuiteSupport
import TestSupport
import Testing

/// Mails to a server of another's (aiosmtpd), which reads them with Python's own reader of mails.
@Suite(.bounded) struct SendingTests {
  private func mail(to recipients: String..., subject: String = "Grüße aus Köln") throws -> Mail {
    Mail(
      from: try MailAddress("shop@example.org", name: "Café, \"Zoë\""), to: try recipients.map { try MailAddress($0) },
      subject: subject, text: "Hallo,\n.\n..dots\n.\nEnde ü = 1")
  }

  private func client(_ certificates: Certificates, trusting authorities: String = "ca.pem") -> TLSClientProvider {
    var configuration = TLSClientConfiguration()
    configuration.authoritiesFile = certificates.path(authorities)
    return .openSSL(configuration)
  }

  private func code(_ error: MailError?) -> Int? {
    guard case .some(.refused(let code, _, _)) = error else { return nil }
    return code
  }

  private func isMalformed(_ error: MailError?) -> Bool {
    if case .some(.malformed) = error { true } else { false }
  }

  /// For clients that are to trust nobody else.
  private static let certificates = Result { try Certificates() }

  @Test func whatIsSentArrives() throws {
    let server = try SMTPServer()
    var mail = try mail(to: "ada@example.org", "b@example.org")
    mail.cc = [try MailAddress("c@example.org")]
    mail.bcc = [try MailAddress("unseen@example.org")]
    mail.replyTo = try MailAddress("answers@example.org")
    try onHub { try MailServer("smtp://127.0.0.1:\(server.port)").send(mail) }
    let message = try #require(try server.messages.first)
    #expect(
      message.from == "shop@example.org" && message.to == ["ada", "b", "c", "unseen"].map { "\($0)@example.org" })
    #expect(message.fields["Subject"] == "Grüße aus Köln")
    #expect(message.fields["From"] == #""Café, \"Zoë\"" <shop@example.org>"#, "\(message.fields)")
    #expect(message.fields["Cc"] == "c@example.org" && message.fields["Reply-To"] == "answers@example.org")
    #expect(message.fields["Bcc"] == nil && !message.raw.contains("unseen@example.org"))
    #expect(message.parts == [["text/plain", "Hallo,\n.\n..dots\n.\nEnde ü = 1\n"]])
    #expect(message.fields["Message-ID"]?.hasSuffix("@example.org>") == true && message.fields["Date"] != nil)
    #expect(!message.isEncrypted)
  }

  @Test func pagesAndFilesGoAlong() throws {
    let server = try SMTPServer()
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var mail = try mail(to: "ada@example.org")
    mail.html = "<p>Grüße</p>\n"
    mail.attachments = [
      MailAttachment("Übersicht \"1\".bin", bytes),
      MailAttachment("a.txt", contentType: "application/x-a", Array("a".utf8)),
    ]
    try onHub { try MailServer("smtp://localhost:\(server.port)").send(mail) }
    let message = try #require(try server.messages.first)
    #expect(message.parts.map { $0[0] } == ["text/plain", "text/html", "application/octet-stream", "application/x-a"])
    #expect(message.parts[1][1] == "<p>Grüße</p>\n" && message.parts[3][1] == "a")
    #expect(message.parts[2][1].unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } == bytes)
    #expect(message.files == ["Übersicht \"1\".bin", "a.txt"])
  }

  @Test(arguments: [false, true]) func connectionsAreEncrypted(isImplicit: Bool) throws {
    let certificates = try Certificates()
    let server = try SMTPServer(
      certificates: certificates.path, isImplicit: isImplicit, user: ("ada@example.org", "p:w ü"))
    let scheme = isImplicit ? "smtps" : "smtp"
    let address = "\(scheme)://ada%40example.org:p%3Aw%20%C3%BC@127.0.0.1:\(server.port)"
    let mail = try mail(to: "ada@example.org")
    try onHub {
      try MailServer(address, tls: client(certificates)).send(mail)
      // Not the server that it should be.
      let stranger = try MailServer(address, tls: client(certificates, trusting: "strange.pem"))
      let error = #expect(throws: MailError.self) { try stranger.send(mail) }
      #expect(error?.isTemporary == true, "\(String(describing: error))")
      if isImplicit {
        #expect(throws: MailError.self) { try MailServer(address) }
      } else {
        // Who does not encrypt is told to, and has sent no password.
        let error = #expect(throws: MailError.self) {
          try MailServer("smtp://127.0.0.1:\(server.port)").send(mail)
        }
        #expect(code(error) == 530, "\(String(describing: error))")
      }
    }
    let messages = try server.messages
    #expect(messages.count == 1 && messages[0].isEncrypted && messages[0].user == "ada@example.org")
  }

  @Test(arguments: ["PLAIN", "LOGIN", ""]) func passwordsGoByEitherWay(without: String) throws {
    let server = try SMTPServer(user: ("ada", "secret"), settings: ["without": without])
    try onHub {
      try MailServer("smtp://ada:secret@127.0.0.1:\(server.port)").send(try mail(to: "ada@example.org"))
      let error = #expect(throws: MailError.self) {
        try MailServer("smtp://ada:hunter2@127.0.0.1:\(server.port)").send(try mail(to: "ada@example.org"))
      }
      #expect(code(error) == 535 && error?.description.contains("hunter2") == false, "\(String(describing: error))")
    }
    #expect(try server.messages.map(\.user) == ["ada"])
  }

  @Test func aServerWithoutEncryptionIsGivenNothingWhereItIsAskedFor() throws {
    let certificates = try Self.certificates.get()
    let server = try SMTPServer()
    _ = try onHub {
      #expect(throws: MailError.notOffered("STARTTLS")) {
        try MailServer("smtp://127.0.0.1:\(server.port)", tls: client(certificates)).send(
          try mail(to: "ada@example.org"))
      }
    }
    #expect(try server.messages.isEmpty)
  }

  @Test func whatTheServerRefusesIsToldAndNobodyGetsIt() throws {
    let server = try SMTPServer(settings: ["size": "20000"])
    let address = "smtp://127.0.0.1:\(server.port)"
    try onHub {
      let gone = #expect(throws: MailError.self) {
        try MailServer(address).send(try mail(to: "ada@example.org", "nobody@example.org"))
      }
      #expect(
        gone == .refused(code: 550, text: "there is nobody here", command: "RCPT TO:<nobody@example.org>"))
      #expect(gone?.isTemporary == false)
      let later = #expect(throws: MailError.self) { try MailServer(address).send(try mail(to: "later@example.org")) }
      #expect(later?.isTemporary == true && later?.description.contains("try again in a while") == true)
      var long = try mail(to: "ada@example.org")
      long.text = String(repeating: "x", count: 30_000)
      let tooLong = #expect(throws: MailError.self) { try MailServer(address).send(long) }
      #expect(code(tooLong) == 552, "\(String(describing: tooLong))")
      #expect(throws: MailError.noRecipient) { try MailServer(address).send(try mail()) }
    }
    #expect(try server.messages.isEmpty)
  }

  @Test func fibersAndTasksSendAtOnce() throws {
    let server = try SMTPServer()
    let mails = try MailServer("smtp://127.0.0.1:\(server.port)")
    let letters = try (0..<10).map { try mail(to: "ada@example.org", subject: "\($0)") }
    try onHub {
      try withFiberGroup(of: Void.self) { group in
        for letter in letters[..<5] { try group.spawn { try mails.send(letter) } }
      }
      try Fiber.await {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for letter in letters[5...] { group.addTask { try await mails.send(letter) } }
          try await group.waitForAll()
        }
      }
    }
    #expect(try server.messages.compactMap { $0.fields["Subject"] }.sorted() == (0..<10).map { "\($0)" })
  }

  /// A server that says what it is told to, after each line that it gets.
  private func send(to words: [String], timeout: Duration = .seconds(30)) throws -> MailError? {
    try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      defer { listener.close() }
      let port = try #require(listener.address?.port)
      let server = Fiber.spawn {
        let socket = try listener.accept()
        defer { socket.close() }
        var buffer = [UInt8](repeating: 0, count: 4096)
        for word in words {
          try Array(word.utf8).withUnsafeBytes { try socket.send($0) }
          if try buffer.withUnsafeMutableBytes({ try socket.receive(into: $0) }) == 0 { return }
        }
        // Silent from now on.
        while try buffer.withUnsafeMutableBytes({ try socket.receive(into: $0) }) > 0 {}
      }
      defer { server.cancel() }
      var configuration = MailServerConfiguration()
      configuration.timeout = timeout
      configuration.connectTimeout = timeout
      let certificates = try Self.certificates.get()
      let sender = try MailServer("smtp://127.0.0.1:\(port)", tls: client(certificates), configuration: configuration)
      do {
        try sender.send(try mail(to: "ada@example.org"))
        return nil
      } catch let error as MailError {
        return error
      }
    }
  }

  @Test func wordsThatWerePutBeforeTheHandshakeAreNotTakenForTheServers() throws {
    let error = try send(to: [
      "220 hello\r\n", "250-mail\r\n250 STARTTLS\r\n", "220 go\r\n250-mail\r\n250 AUTH PLAIN\r\n",
    ])
    #expect(isMalformed(error), "\(String(describing: error))")
  }

  @Test func aServerThatDoesNotSpeakSMTPIsNoticed() throws {
    #expect(isMalformed(try send(to: ["SSH-2.0-OpenSSH_9.2\r\n"])))
    #expect(isMalformed(try send(to: [String(repeating: "220-x\r\n", count: 1000)])))
    #expect(try send(to: ["554 go away\r\n"]) == .refused(code: 554, text: "go away", command: "the connection"))
  }

  @Test func aSilentServerIsGivenUp() throws {
    #expect(try send(to: [], timeout: .milliseconds(200)) == .timedOut)
    #expect(try send(to: ["220 hello\r\n"], timeout: .milliseconds(200)) == .timedOut)
  }

  @Test func aServerThatIsNotThereIsTold() throws {
    try onHub {
      let error = #expect(throws: MailError.self) {
        try MailServer("smtp://127.0.0.1:1").send(try mail(to: "ada@example.org"))
      }
      #expect(error?.isTemporary == true)
    }
  }
}
