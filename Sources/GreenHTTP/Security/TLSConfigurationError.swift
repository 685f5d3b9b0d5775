/// Something with which no connection can be encrypted: a file that cannot be used, or a list that is not one.
public struct TLSConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  public enum Part: Sendable, Hashable {
    /// The file of a certificate.
    case certificate
    /// The file of a key.
    case key
    /// The file of the authorities that count.
    case authorities
    /// The file of what an authority says of a certificate.
    case ocsp
    /// The list of cipher suites.
    case ciphers
    /// The versions, or what the library cannot do.
    case other
  }

  /// What is wrong.
  public let part: Part
  /// The file, or the list.
  public let value: String
  /// Why it cannot be used, to follow the value in a sentence.
  public let reason: String

  /// An error about a file or a list.
  public init(_ part: Part, _ value: String, _ reason: String) {
    self.part = part
    self.value = value
    self.reason = reason
  }

  public var description: String { "'\(value)' \(reason)" }
}
