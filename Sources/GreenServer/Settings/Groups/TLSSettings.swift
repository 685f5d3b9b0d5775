internal import Green
public import GreenHTTP

/// How connections are encrypted; properties of ``Configuration``. They take a program with the module `GreenTLS`.
public struct TLSSettings: Sendable {
  /// The certificates, files in PEM. One makes the server speak TLS; of several each serves the names that it is for.
  public let certificateFiles = ServerSetting(
    list: "certfile", "--certfile", value: "FILE", .file, count: 0...64, default: [],
    gunicorn: .differs("it may be given several times, each for other names"),
    "A certificate in PEM, with those between it and its root: the server speaks TLS; may be given several times.")

  /// The keys of the certificates, in their order. One that is missing is in the certificate's file.
  public let keyFiles = ServerSetting(
    list: "keyfile", "--keyfile", value: "FILE", .file, count: 0...64, default: [],
    gunicorn: .differs("it may be given several times, as certfile is"),
    "The key of a certificate, in PEM without a passphrase; where none is given it is in the certificate's file.")

  /// What the certificates' authorities say of them (OCSP), in their order, files in DER.
  public let ocspFiles = ServerSetting(
    list: "ocsp_response", "--ocsp-response", value: "FILE", .file, count: 0...64, default: [], gunicorn: .none,
    "What a certificate's authority says of it, in DER, for clients that ask: OCSP stapling.")

  /// The authorities whose signatures count on clients' certificates, a file in PEM.
  public let authoritiesFile = ServerSetting(
    "ca_certs", "--ca-certs", value: "FILE", .optionalText, default: nil,
    "The authorities whose signatures count on clients' certificates, in PEM.")

  /// Whether clients show certificates.
  public let clientCertificates = ServerSetting(
    "cert_reqs", "--cert-reqs", value: "KIND", .clientCertificates, default: .none,
    gunicorn: .differs("the words are understood as well as the numbers"),
    "Whether clients show certificates: none (or 0), optional (1) or required (2).")

  /// The cipher suites, by OpenSSL's names.
  public let ciphers = ServerSetting(
    "ciphers", "--ciphers", value: "LIST", .optionalText, default: nil,
    gunicorn: .differs("suites of TLS 1.3 can be listed too"),
    "The cipher suites by OpenSSL's names, separated by colons; those that OpenSSL chooses unless given.")

  /// The versions that are spoken.
  public let versions = ServerSetting(
    "ssl_version", "--ssl-version", value: "VERSION", .tlsVersions, default: .tls1_2 ... .tls1_3,
    gunicorn: .differs("gunicorn ignores it since 21.0"),
    "The versions of TLS: TLS for 1.2 and 1.3, or TLSv1_2 or TLSv1_3 for that one alone.")

  /// Changes nothing: a handshake is always made before anything else, where its connection is served, so that it holds up
  /// no other.
  public let handshakesOnConnect = ServerSetting(
    "do_handshake_on_connect", "--do-handshake-on-connect", value: "[BOOL]", .flag, default: false, bare: "yes",
    gunicorn: .differs("it changes nothing: a handshake is always made first, and holds up no other connection"),
    "Is understood, and changes nothing: a handshake is always made before anything else.")
}
