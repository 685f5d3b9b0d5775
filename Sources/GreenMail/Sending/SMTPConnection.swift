internal import FoundationEssentials
internal import Green
internal import GreenHTTP
internal import SystemPackage

/// One conversation with a mail server.
final class SMTPConnection {
  private let address: MailServerAddress
  private let configuration: MailServerConfiguration
  private let security: (any ClientSecurity)?
  private let socket: Socket
  /// What is spoken over: the socket, or TLS over it.
  private var stream: any ByteStream
  private var received: [UInt8] = []
  private var reader = SMTPReply.Reader()
  /// What the server can do, in capitals, each with its parameters.
  private var offers: [String: [String]] = [:]
  private let begun: Deadline

  /// Connects, and reads the greeting.
  init(_ address: MailServerAddress, _ configuration: MailServerConfiguration, _ security: (any ClientSecurity)?) throws
  {
    self.address = address
    self.configuration = configuration
    self.security = security
    let deadline = Deadline.after(configuration.connectTimeout)
    begun = deadline
    let socket = try Self.explaining { try Socket.connect(host: address.host, port: address.port, until: deadline) }
    self.socket = socket
    stream = socket
    do {
      if address.isEncrypted { try encrypt() }
      try expect(220, "the connection", until: deadline)
    } catch {
      socket.close()
      throw error
    }
  }

  /// Says hello, encrypts, and logs in.
  func begin() throws {
    try hello()
    if security != nil && !address.isEncrypted {
      guard offers["STARTTLS"] != nil else { throw MailError.notOffered("STARTTLS") }
      try ask("STARTTLS", for: 220)
      // Whoever is in between could have put words there before the encryption, to be taken for the server's (CVE-2011-0411).
      guard received.isEmpty else { throw MailError.malformed("it said something between STARTTLS and the handshake") }
      try encrypt()
      // What was offered before may have been anybody's (RFC 3207, 4.2).
      try hello()
    }
    if let user = address.user, let password = address.password { try logIn(user, password) }
  }

  /// Gives the server a mail.
  func send(_ mail: [UInt8], from sender: String, to recipients: [String]) throws {
    if let most = offers["SIZE"]?.first.flatMap({ Int($0) }), most > 0, mail.count > most {
      throw MailError.refused(
        code: 552, text: "it takes \(most) bytes at most, and the mail has \(mail.count)", command: "SIZE")
    }
    try ask("MAIL FROM:<\(sender)>", for: 250)
    for recipient in recipients { try ask("RCPT TO:<\(recipient)>", for: 250, or: 251) }
    try ask("DATA", for: 354)
    try write(DotStuffing.stuffed(mail), until: .after(configuration.timeout * 10))
    try expect(250, "the mail", until: .after(configuration.timeout * 10))
  }

  /// Says goodbye, which the server need not answer.
  func quit() { _ = try? write(Array("QUIT\r\n".utf8), until: .after(.seconds(1))) }

  func close() { socket.close() }

  // MARK: Hello

  private func hello() throws {
    let reply = try ask("EHLO \(try clientName)", for: 250)
    offers = [:]
    for line in reply.lines.dropFirst() {
      let words = line.split(separator: " ").map { $0.uppercased() }
      if let name = words.first { offers[name] = Array(words.dropFirst()) }
    }
  }

  /// RFC 5321, 4.1.3.
  private var clientName: String {
    get throws {
      if let name = configuration.clientName {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
          throw MailError.field("the client's name")
        }
        return name
      }
      guard let own = socket.localAddress?.host else { return "[127.0.0.1]" }
      return own.contains(":") ? "[IPv6:\(own)]" : "[\(own)]"
    }
  }

  private func encrypt() throws {
    guard let security else { throw MailError.notOffered("TLS") }
    stream = try Self.explaining { try security.secure(socket, as: address.host, until: begun) }
  }

  // MARK: Who asks

  /// RFC 4954.
  private func logIn(_ user: String, _ password: String) throws {
    guard stream.isEncrypted || address.isLoopback else {
      throw MailError.notOffered(
        "an encrypted connection, without which no password is sent: MailServer(…, tls: .openSSL)")
    }
    let ways = offers["AUTH"] ?? []
    if ways.contains("PLAIN") {
      try ask("AUTH PLAIN \(Self.base64("\0\(user)\0\(password)"))", for: 235, as: "AUTH")
    } else if ways.contains("LOGIN") {
      try ask("AUTH LOGIN", for: 334)
      try ask(Self.base64(user), for: 334, as: "AUTH")
      try ask(Self.base64(password), for: 235, as: "AUTH")
    } else {
      throw MailError.notOffered("AUTH PLAIN or AUTH LOGIN")
    }
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  // MARK: Words

  /// Sends a command, and returns its reply where that has one of the codes.
  ///
  /// - Parameter name: what is told of the command where it fails: never a password.
  @discardableResult
  private func ask(_ command: String, for code: Int, or other: Int? = nil, as name: String? = nil) throws -> SMTPReply {
    let deadline = Deadline.after(configuration.timeout)
    try write(Array("\(command)\r\n".utf8), until: deadline)
    return try expect(code, or: other, name ?? command, until: deadline)
  }

  @discardableResult
  private func expect(_ code: Int, or other: Int? = nil, _ command: String, until deadline: Deadline) throws
    -> SMTPReply
  {
    let reply = try readReply(until: deadline)
    guard reply.code == code || reply.code == other else {
      throw MailError.refused(code: reply.code, text: reply.text, command: command)
    }
    return reply
  }

  private func readReply(until deadline: Deadline) throws -> SMTPReply {
    while true {
      while let end = received.firstIndex(of: 0x0a) {
        var line = Array(received[..<end])
        received.removeSubrange(...end)
        if line.last == 0x0d { line.removeLast() }
        if let reply = try reader.take(line) { return reply }
      }
      // RFC 5321, 4.5.3.1.5, allows 512.
      if received.count > 8192 { throw MailError.malformed("a line is longer than 8192 bytes") }
      let count = try Self.explaining {
        try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
          let count = try stream.receive(into: buffer, until: deadline)
          received += buffer.prefix(count)
          return count
        }
      }
      if count == 0 { throw MailError.unreachable("it has closed the connection") }
    }
  }

  private func write(_ bytes: [UInt8], until deadline: Deadline) throws {
    try Self.explaining { try bytes.withUnsafeBytes { try stream.send($0, until: deadline) } }
  }

  /// Calls `body`, whose errors become those of mails.
  private static func explaining<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch Errno.timedOut {
      throw MailError.timedOut
    } catch let error
      where error is Errno || error is ConnectError || error is ResolverError || error is HandshakeFailure
    {
      throw MailError.unreachable("\(error)")
    }
  }
}
