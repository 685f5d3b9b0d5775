internal import Green

/// Keeps mails in place of sending them: for tests.
///
/// ```swift
/// let box = MailBox()
/// try Resources.mail.withValue(box) { try client.post("/orders", form: ["item": "7"]) }
/// #expect(box.mails.map(\.subject) == ["Your order"])
/// ```
public final class MailBox: MailTransport {
  private let state = Guarded<[Mail]>([])

  /// An empty one.
  public init() {}

  /// What was sent, in order.
  public var mails: [Mail] { state.withLock { $0 } }

  /// Keeps a mail, if a server could be given it.
  public func send(_ mail: Mail) throws {
    if mail.recipients.isEmpty { throw MailError.noRecipient }
    _ = try mail.bytes()
    state.withLock { $0.append(mail) }
  }
}
