// Fields whose value is a list of tokens, such as `Connection` and `Upgrade` (RFC 9110, 5.6.1).

extension StringProtocol {
  /// Whether the value lists a token, which is given in lower case.
  package func lists(_ token: String) -> Bool {
    pieces(between: ",").contains { $0.trimmed.lowercased() == token }
  }
}
