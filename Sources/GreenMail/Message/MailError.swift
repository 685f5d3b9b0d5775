/// Why a mail was not sent.
public enum MailError: Error, Sendable, Hashable {
  /// This is not the address of a person.
  case address(String)
  /// A part of the mail cannot be in a mail: a subject with a line's end.
  case field(String)
  /// There is nobody to send it to.
  case noRecipient
  /// The server's address, as it was given but for a password, is not one.
  case server(String)
  /// The server does not offer what it must: `STARTTLS`, a way to log in.
  case notOffered(String)
  /// The server refused something, with its code and in its words. Codes from 400 to 499 are about now: it may be tried again.
  case refused(code: Int, text: String, command: String)
  /// The server could not be reached, or the connection was lost.
  case unreachable(String)
  /// It took longer than it may.
  case timedOut
  /// The server does not speak SMTP.
  case malformed(String)

  /// Whether the same may go well later.
  public var isTemporary: Bool {
    switch self {
    case .refused(let code, _, _): (400...499).contains(code)
    case .unreachable, .timedOut: true
    default: false
    }
  }
}

extension MailError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .address(let text): "'\(text)' is not a mail address"
    case .field(let what):
      "\(what) cannot be in a mail: it has a line's end or another control character, or is too long"
    case .noRecipient: "the mail is for nobody"
    case .server(let text): "'\(text)' is not the address of a mail server: smtp://user:password@host:587, or smtps://"
    case .notOffered(let what): "the mail server does not offer \(what)"
    case .refused(let code, let text, let command): "the mail server answered \(command) with \(code): \(text)"
    case .unreachable(let text): "the mail server cannot be reached: \(text)"
    case .timedOut: "the mail server took longer than it may"
    case .malformed(let text): "the mail server does not speak SMTP: \(text)"
    }
  }
}
