/// What both ends of an encrypted connection have agreed on, and who the peer has proven to be.
public struct TLSFacts: Sendable, Hashable {
  /// The version: `TLSv1.3`, `TLSv1.2`.
  public var version: String
  /// The cipher suite by OpenSSL's name: `TLS_AES_256_GCM_SHA384`.
  public var cipher: String
  /// The server's name that the client has asked for (RFC 6066, 3).
  public var serverName: String?
  /// The protocol that was agreed on (ALPN, RFC 7301): `http/1.1`.
  public var applicationProtocol: String?
  /// Whether the session of an earlier connection goes on, so that no certificates were exchanged.
  public var isResumed: Bool
  /// The peer's certificate, which an authority has signed that counts; `nil` where it has shown none.
  public var peerCertificate: Certificate?

  /// Facts for tests and adapters.
  public init(
    version: String, cipher: String, serverName: String? = nil, applicationProtocol: String? = nil,
    isResumed: Bool = false, peerCertificate: Certificate? = nil
  ) {
    self.version = version
    self.cipher = cipher
    self.serverName = serverName
    self.applicationProtocol = applicationProtocol
    self.isResumed = isResumed
    self.peerCertificate = peerCertificate
  }

  /// Whom a certificate is for.
  public struct Certificate: Sendable, Hashable {
    /// The subject as RFC 2253 writes it: `CN=ada,O=Example`.
    public var subject: String
    /// Who has signed it, in the same way.
    public var issuer: String
    /// The serial number, in hexadecimal.
    public var serialNumber: String
    /// The SHA-256 of the certificate, in hexadecimal: what tells it from any other.
    public var fingerprint: String

    /// A certificate for tests and adapters.
    public init(subject: String, issuer: String, serialNumber: String, fingerprint: String) {
      self.subject = subject
      self.issuer = issuer
      self.serialNumber = serialNumber
      self.fingerprint = fingerprint
    }
  }
}
