internal import Green
internal import GreenHTTP

/// A client's encryption, made when it is asked for first: it reads the authorities' certificates.
final class ClientTLS: Sendable {
  private let provider: TLSClientProvider
  private let protocols: [String]
  private let made = Mutex<(any ClientSecurity)?>(nil)

  init(_ provider: TLSClientProvider, offering protocols: [String]) {
    (self.provider, self.protocols) = (provider, protocols)
  }

  /// - Throws: `TLSConfigurationError`.
  func security() throws -> any ClientSecurity {
    try made.withLock { made in
      if let made { return made }
      let security = try provider.security(offering: protocols)
      made = security
      return security
    }
  }
}
