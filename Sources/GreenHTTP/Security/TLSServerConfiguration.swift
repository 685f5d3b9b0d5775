/// How a server encrypts its connections. It takes an implementation to do so: `GreenTLS` brings one.
public struct TLSServerConfiguration: Sendable {
  /// A certificate and its key, files in PEM.
  public struct Certificate: Sendable, Hashable {
    /// The certificate, and after it those of the authorities between it and the root.
    public var certificateFile: String
    /// The key, without a passphrase. May be the same file.
    public var keyFile: String
    /// What the authority says of the certificate (OCSP, RFC 6960), a file in DER: handed to clients that ask for it.
    public var ocspFile: String?

    /// A certificate whose key is in the same file unless another is given.
    public init(file: String, keyFile: String? = nil, ocspFile: String? = nil) {
      certificateFile = file
      self.keyFile = keyFile ?? file
      self.ocspFile = ocspFile
    }
  }

  /// Whether clients show certificates.
  public enum ClientCertificates: String, Sendable, Hashable, CaseIterable {
    /// They are not asked.
    case none
    /// They are asked; one that is shown must count.
    case optional
    /// A connection without one that counts is refused.
    case required
  }

  /// The certificates: to a client that asks for a name the first that is for it is shown, the first of all to others.
  public var certificates: [Certificate]
  /// The authorities whose signatures count on clients' certificates, a file in PEM.
  public var authoritiesFile: String?
  /// Whether clients show certificates.
  public var clientCertificates = ClientCertificates.none
  /// The cipher suites, by OpenSSL's names, separated by colons; those that OpenSSL chooses unless given.
  public var ciphers: String?
  /// The versions that are spoken.
  public var versions = TLSVersion.tls1_2...TLSVersion.tls1_3
  /// The protocols that are spoken over it, the best first (ALPN, RFC 7301). A client that speaks others is refused.
  public var applicationProtocols = HTTPProtocol.http1.alpnNames
  /// The keys of session tickets, the newest first, at most three of 80 bytes each: for processes that go on with each
  /// other's sessions. May be called by any thread, and must not wait. Without it the process has keys of its own.
  public var ticketKeys: (@Sendable () -> [[UInt8]])?

  /// A configuration with these certificates.
  public init(certificates: [Certificate]) { self.certificates = certificates }
}
