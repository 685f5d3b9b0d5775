internal import Green
internal import GreenHTTP

extension Configuration {
  /// Whether the server speaks TLS.
  var speaksTLS: Bool { !self.certificateFiles.isEmpty }

  /// How connections are encrypted; `nil` where they are not. Reads the files.
  ///
  /// - Parameter ticketKeys: see ``TLSServerConfiguration/ticketKeys``.
  func security(ticketKeys: (@Sendable () -> [[UInt8]])? = nil) throws(ConfigurationError) -> (any ConnectionSecurity)?
  {
    guard speaksTLS else {
      if let key = self.keyFiles.first {
        throw complaint(about: ServerSettings.tls.keyFiles, key, "but there is no certificate: --certfile is missing")
      }
      return nil
    }
    guard let tls else {
      throw complaint(
        about: ServerSettings.tls.certificateFiles, self.certificateFiles.joined(separator: ","),
        "but this program is built without TLS: add the product GreenTLS to its target, import GreenTLS, and write "
          + "app.run { $0.tls = .openSSL }")
    }
    var server = TLSServerConfiguration(certificates: certificates)
    server.authoritiesFile = self.authoritiesFile
    server.clientCertificates = self.clientCertificates
    server.ciphers = self.ciphers
    server.versions = self.versions
    server.ticketKeys = ticketKeys
    server.applicationProtocols = self.httpProtocols.filter { $0 != .http2 || speaksHTTP2 }.flatMap(\.alpnNames)
    do {
      return try tls.security(for: server)
    } catch {
      throw complaint(about: error)
    }
  }

  private var certificates: [TLSServerConfiguration.Certificate] {
    let (keys, staples) = (self.keyFiles, self.ocspFiles)
    return self.certificateFiles.enumerated().map { index, file in
      TLSServerConfiguration.Certificate(
        file: file, keyFile: index < keys.count ? keys[index] : nil,
        ocspFile: index < staples.count ? staples[index] : nil)
    }
  }

  private func complaint(about error: any Error) -> ConfigurationError {
    guard let error = error as? TLSConfigurationError else {
      return complaint(about: ServerSettings.tls.certificateFiles, "", "which cannot be used: \(error)")
    }
    let setting: any AnyServerSetting =
      switch error.part {
      case .certificate, .other: ServerSettings.tls.certificateFiles
      case .key: self.keyFiles.isEmpty ? ServerSettings.tls.certificateFiles : ServerSettings.tls.keyFiles
      case .authorities: ServerSettings.tls.authoritiesFile
      case .ocsp: ServerSettings.tls.ocspFiles
      case .ciphers: ServerSettings.tls.ciphers
      }
    return complaint(about: setting, error.value, "which \(error.reason)")
  }

  func complaint(about setting: any AnyServerSetting, _ value: String, _ reason: String) -> ConfigurationError {
    ConfigurationError(source(of: setting).place(of: setting), value, SettingFault(reason))
  }
}
