internal import CSecrets
public import GreenHTTP
internal import HTTPTypes

extension Request {
  private static let tokens = SessionKey<[UInt8]>("_csrf")
  private static let tokenField = HTTPField.Name("X-CSRF-Token")!
  private static var tokenCount: Int { 32 }

  /// The token of the visitor's session, for a hidden field `csrf_token`: see ``CSRF``. Each time it looks otherwise, so that a
  /// compressed page does not give it away (BREACH).
  ///
  /// - Throws: ``SessionError/failed``.
  public var csrfToken: String {
    get throws {
      let token: [UInt8]
      if let known = session[Self.tokens], known.count == Self.tokenCount {
        token = known
      } else {
        token = try SecureRandom.bytes(Self.tokenCount)
        session[Self.tokens] = token
      }
      let mask = try SecureRandom.bytes(Self.tokenCount)
      return Base64URL.encode(mask + zip(mask, token).map { $0 ^ $1 })
    }
  }

  /// Whether the request has the session's token, in a header or in its form.
  var hasCSRFToken: Bool {
    get throws {
      guard let token = session[Self.tokens], token.count == Self.tokenCount else { return false }
      let sent = try header(Self.tokenField) ?? (hasForm ? form()["csrf_token"] : nil)
      guard let sent, let bytes = Base64URL.decode(sent.utf8), bytes.count == 2 * Self.tokenCount else { return false }
      let unmasked = zip(bytes.prefix(Self.tokenCount), bytes.suffix(Self.tokenCount)).map { $0 ^ $1 }
      return csecrets_equal(unmasked, token, token.count) != 0
    }
  }
}
