internal import Green
public import GreenHTTP
internal import GreenTasks

/// A server that takes mails, by SMTP (RFC 5321).
///
/// ```swift
/// import GreenMail
/// import GreenTLS
///
/// let server = try MailServer("smtp://shop:secret@mail.example.org", tls: .openSSL)
/// try server.send(mail)
/// ```
///
/// Each mail has a connection of its own, and one may be used from many fibers, threads and tasks at once. With a
/// provider of TLS the connection is always encrypted: by `STARTTLS` at an address `smtp://`, from the beginning at
/// `smtps://`; a server that offers none is given nothing. Without one, passwords go to this machine alone.
///
/// A mail that must survive the process belongs into a job (`GreenJobs`), which tries again where ``MailError/isTemporary``.
public struct MailServer: MailTransport {
  private let address: MailServerAddress
  private let configuration: MailServerConfiguration
  private let security: (any ClientSecurity)?

  /// - Parameters:
  ///   - address: `smtp://user:password@host:587` or `smtps://host`; the user and the password percent-encoded. The
  ///     port is 587, or 465.
  ///   - tls: what encrypts: `.openSSL` of `GreenTLS`.
  ///   - configuration: times and the like.
  /// - Throws: ``MailError/server(_:)`` for what is not an address, ``MailError/notOffered(_:)`` for `smtps://` without TLS;
  ///   `TLSConfigurationError`.
  public init(
    _ address: String, tls: TLSClientProvider? = nil, configuration: MailServerConfiguration = MailServerConfiguration()
  ) throws {
    self.address = try MailServerAddress(address)
    self.configuration = configuration
    if self.address.isEncrypted && tls == nil {
      throw MailError.notOffered("smtps:// without MailServer(…, tls: .openSSL) of GreenTLS")
    }
    security = try tls?.security(offering: [])
  }

  /// Sends a mail to all its recipients, or to none: where the server refuses one of them, the mail is not sent. Parks
  /// or blocks until the server has taken it over.
  ///
  /// - Throws: ``MailError``; `CancellationError` and `TimeoutError` as every wait.
  public func send(_ mail: Mail) throws {
    let recipients = mail.recipients
    if recipients.isEmpty { throw MailError.noRecipient }
    let bytes = try mail.bytes()
    let connection = try SMTPConnection(address, configuration, security)
    defer { connection.close() }
    try connection.begin()
    try connection.send(bytes, from: mail.from.address, to: recipients.map(\.address))
    connection.quit()
  }

  /// As the blocking method of this name, for tasks.
  @concurrent
  public func send(_ mail: Mail) async throws { try await Fiber.run { try self.send(mail) } }
}
