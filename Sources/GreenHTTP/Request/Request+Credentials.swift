extension Request {
  /// The token of `Authorization: Bearer …` (RFC 6750, 2.1); `nil` where there is none. Nobody has checked it.
  public var bearerToken: String? { credentials(of: "bearer").map(String.init) }

  /// The name and the password of `Authorization: Basic …`, in UTF-8; `nil` where there are none.
  ///
  /// A browser asks its user for them after an answer with `401` and `WWW-Authenticate: Basic realm="…"`.
  public var basicCredentials: BasicCredentials? {
    guard let bytes = credentials(of: "basic").flatMap({ Base64.decode($0.utf8) }),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    return BasicCredentials(
      name: String(decoding: bytes[..<colon], as: UTF8.self),
      password: String(decoding: text.utf8.dropFirst(colon + 1), as: UTF8.self))
  }

  /// What follows the name of a scheme (RFC 9110, 11.4), which is the same in any case.
  private func credentials(of scheme: String) -> Substring? {
    guard let field = header(.authorization) else { return nil }
    let name = field.before(" ")
    guard name.lowercased() == scheme else { return nil }
    let credentials = Substring(field.dropping(bytes: name.utf8.count).utf8.drop { $0 == 0x20 })
    return credentials.isEmpty ? nil : credentials
  }
}
