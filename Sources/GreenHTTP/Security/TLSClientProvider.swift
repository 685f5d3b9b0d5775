/// What encrypts the connections of clients: `.openSSL` of the module `GreenTLS`. So programs that do not ask for it load no
/// library for it.
public struct TLSClientProvider: Sendable {
  private let make: @Sendable ([String]) throws -> any ClientSecurity

  /// A provider that makes it by a function, which is given the protocols that are to be offered (ALPN, RFC 7301), the
  /// best first, and throws ``TLSConfigurationError`` for what cannot be used.
  public init(_ make: @escaping @Sendable (_ protocols: [String]) throws -> any ClientSecurity) { self.make = make }

  /// Makes it.
  ///
  /// - Throws: ``TLSConfigurationError``.
  public func security(offering protocols: [String]) throws -> any ClientSecurity { try make(protocols) }
}
