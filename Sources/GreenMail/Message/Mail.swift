/// A mail: from whom, to whom, about what.
///
/// ```swift
/// var mail = Mail(from: try MailAddress("shop@example.org", name: "The shop"), to: [customer], subject: "Your order")
/// mail.text = "It is on its way."
/// mail.html = "<p>It is on its way.</p>"
/// try Resources.mail().send(mail)
/// ```
public struct Mail: Sendable, Hashable {
  /// Who writes.
  public var from: MailAddress
  /// Who is written to.
  public var to: [MailAddress]
  /// Who gets a copy, as all can see.
  public var cc: [MailAddress] = []
  /// Who gets a copy without the others knowing.
  public var bcc: [MailAddress] = []
  /// Whom an answer should go to, where that is not the sender.
  public var replyTo: MailAddress?
  /// What it is about: one line.
  public var subject: String
  /// What it says, as plain text.
  public var text: String
  /// What it says as a page, for programs that show it rather than the text.
  public var html: String?
  /// Files that go with it.
  public var attachments: [MailAttachment] = []

  /// A mail.
  public init(from: MailAddress, to: [MailAddress], subject: String, text: String = "") {
    self.from = from
    self.to = to
    self.subject = subject
    self.text = text
  }

  /// All who get it, each once.
  public var recipients: [MailAddress] {
    var known: Set<String> = []
    return (to + cc + bcc).filter { known.insert($0.address).inserted }
  }
}
