/// What makes encryption of a configuration: `.openSSL` of the module `GreenTLS`. So programs that do not ask for it load no
/// library for it.
public struct TLSProvider: Sendable {
  private let make: @Sendable (TLSServerConfiguration) throws -> any ConnectionSecurity

  /// A provider that makes it by a function, which throws ``TLSConfigurationError`` for what cannot be used.
  public init(_ make: @escaping @Sendable (TLSServerConfiguration) throws -> any ConnectionSecurity) {
    self.make = make
  }

  /// Reads the files of a configuration.
  ///
  /// - Throws: ``TLSConfigurationError``.
  public func security(for configuration: TLSServerConfiguration) throws -> any ConnectionSecurity {
    try make(configuration)
  }
}
