// Fields whose value is a list of tokens, such as `Connection` and `Upgrade` (RFC 9110, 5.6.1).

extension StringProtocol {
  /// Without the blanks around it: `OWS` of RFC 9110, 5.6.3.
  package var trimmed: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }

  /// Whether the value lists a token, which is given in lower case.
  package func lists(_ token: String) -> Bool {
    split(separator: ",").contains { $0.trimmed.lowercased() == token }
  }
}
