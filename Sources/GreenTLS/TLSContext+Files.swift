internal import CTLS
internal import Glibc
internal import Green
internal import GreenHTTP

// A context is filled step by step; each step that fails says which file it was, and why.
extension OpaquePointer {
  func prepare(
    _ configuration: TLSServerConfiguration, _ certificate: TLSServerConfiguration.Certificate, _ tickets: TicketSource?
  ) throws(TLSConfigurationError) {
    try setVersions(configuration.versions)
    try setCiphers(configuration.ciphers)
    try setProtocols(configuration.applicationProtocols)
    try load(certificate)
    if let file = configuration.authoritiesFile { try loadAuthorities(file) }
    let asks = configuration.clientCertificates != .none
    if asks && configuration.authoritiesFile == nil {
      throw TLSConfigurationError(
        .authorities, "", "is not a file: clients' certificates need authorities whose signatures count")
    }
    ctls_context_verify(self, asks, configuration.clientCertificates == .required)
    if let tickets { setTickets(tickets) }
  }

  func load(_ certificate: TLSServerConfiguration.Certificate) throws(TLSConfigurationError) {
    try checkReadable(certificate.certificateFile, .certificate)
    try require(.certificate, certificate.certificateFile) {
      ctls_context_certificate(self, certificate.certificateFile, $0)
    }
    try checkReadable(certificate.keyFile, .key)
    try require(.key, certificate.keyFile) { ctls_context_key(self, certificate.keyFile, $0) }
    if let file = certificate.ocspFile { try loadStaple(file) }
  }

  func loadAuthorities(_ file: String) throws(TLSConfigurationError) {
    try checkReadable(file, .authorities)
    try require(.authorities, file) { ctls_context_authorities(self, file, $0) }
  }

  private func loadStaple(_ file: String) throws(TLSConfigurationError) {
    let bytes: [UInt8]
    do { bytes = try contents(ofFile: file, upTo: 65_536) } catch {
      throw TLSConfigurationError(.ocsp, file, "cannot be read: \(error)")
    }
    try require(.ocsp, file) { ctls_context_staple(self, bytes, bytes.count, $0) }
  }

  func setVersions(_ versions: ClosedRange<TLSVersion>) throws(TLSConfigurationError) {
    try require(.other, "\(versions)") {
      ctls_context_versions(self, CInt(versions.lowerBound.rawValue), CInt(versions.upperBound.rawValue), $0)
    }
  }

  /// OpenSSL has one list for TLS 1.3, whose names begin with `TLS_`, and one for what was before it.
  func setCiphers(_ list: String?) throws(TLSConfigurationError) {
    guard let list else { return }
    let names = list.split { $0 == ":" || $0 == "," || $0 == " " }
    let suites = names.filter { $0.hasPrefix("TLS_") }.joined(separator: ":")
    let older = names.filter { !$0.hasPrefix("TLS_") }.joined(separator: ":")
    try require(.ciphers, list) {
      ctls_context_ciphers(self, older.isEmpty ? nil : older, suites.isEmpty ? nil : suites, $0)
    }
  }

  func setProtocols(_ names: [String]) throws(TLSConfigurationError) {
    let list = names.flatMap { [UInt8(clamping: $0.utf8.count)] + $0.utf8.prefix(255) }
    try require(.other, names.joined(separator: ",")) { ctls_context_protocols(self, list, list.count, $0) }
  }

  private func setTickets(_ source: TicketSource) {
    // Unsafe: the context is the source's owner's, and ends with it.
    ctls_context_tickets(
      self,
      { of, keys in
        guard let of, let keys else { return 0 }
        let source = Unmanaged<TicketSource>.fromOpaque(of).takeUnretainedValue()
        let size = 80
        var count = 0
        for key in source.keys().prefix(3) where key.count == size {
          let place = UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(keys) + count * size, count: size)
          place.copyBytes(from: key)
          count += 1
        }
        return count
      }, Unmanaged.passUnretained(source).toOpaque())
  }

  func require(
    _ part: TLSConfigurationError.Part, _ value: String, _ step: (UnsafeMutablePointer<CChar>) -> Bool
  ) throws(TLSConfigurationError) {
    var reason = [CChar](repeating: 0, count: Int(CTLS_REASON_BYTES))
    var isDone = false
    reason.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { isDone = step(base) } }
    if isDone { return }
    let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw TLSConfigurationError(part, value, "cannot be used: \(text.isEmpty ? "there is no memory" : text)")
  }

  /// OpenSSL says of a file that is missing no more than that its system library failed.
  private func checkReadable(_ file: String, _ part: TLSConfigurationError.Part) throws(TLSConfigurationError) {
    guard access(file, R_OK) != 0 else { return }
    throw TLSConfigurationError(part, file, "cannot be read: \(String(cString: strerror(errno)))")
  }
}

extension TLSConfigurationError {
  static var noMemory: TLSConfigurationError { TLSConfigurationError(.other, "OpenSSL", "has no memory") }
}
