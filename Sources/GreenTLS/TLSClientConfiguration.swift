public import GreenHTTP

/// How a client encrypts its connections. Servers are verified, by the authorities that the system trusts.
public struct TLSClientConfiguration: Sendable {
  /// Whether the server's certificate must be signed by an authority that counts, and be for the name that was asked for.
  /// Without that nobody knows who is at the other end.
  public var verifiesServer = true
  /// The authorities whose signatures count, a file in PEM; those of the system unless given.
  public var authoritiesFile: String?
  /// What the client shows to a server that asks for a certificate.
  public var certificate: TLSServerConfiguration.Certificate?
  /// The protocols that are offered, the best first (ALPN, RFC 7301); none by default.
  public var applicationProtocols: [String] = []
  /// The cipher suites, by OpenSSL's names, separated by colons; those that OpenSSL chooses unless given.
  public var ciphers: String?
  /// The versions that are spoken.
  public var versions = TLSVersion.tls1_2...TLSVersion.tls1_3

  /// The defaults.
  public init() {}
}
