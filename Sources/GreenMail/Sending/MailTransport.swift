/// What sends mails: a ``MailServer``, or a ``MailBox`` in tests.
public protocol MailTransport: Sendable {
  /// Sends a mail. Parks or blocks until it is on its way.
  ///
  /// - Throws: ``MailError``.
  func send(_ mail: Mail) throws
}
