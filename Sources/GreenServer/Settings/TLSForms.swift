internal import Green
internal import GreenHTTP

// How the values of the settings of TLS are written.

extension SettingForm where Value == String {
  static let file = SettingForm(
    "a path", parse: { $0 }, isAllowed: { !$0.isEmpty && !$0.utf8.contains(0) }, write: { $0 })
}

extension SettingForm where Value == String? {
  static let optionalText = SettingForm(
    "a text", parse: { $0.isEmpty ? .some(nil) : .some($0) }, isAllowed: { $0.map { !$0.utf8.contains(0) } ?? true },
    write: { $0 ?? "" })
}

extension SettingForm where Value == TLSServerConfiguration.ClientCertificates {
  static let clientCertificates = SettingForm(
    "none, optional or required, or 0, 1 or 2",
    parse: { text in Int(text).map { [.none, .optional, .required][safe: $0] } ?? Value(rawValue: text) },
    write: { $0.rawValue })
}

extension SettingForm where Value == ClosedRange<TLSVersion> {
  static let tlsVersions = SettingForm(
    "TLS, TLSv1_2 or TLSv1_3",
    parse: { text in
      switch text {
      case "TLS": .tls1_2 ... .tls1_3
      case "TLSv1_2": .tls1_2 ... .tls1_2
      case "TLSv1_3": .tls1_3 ... .tls1_3
      default: nil
      }
    },
    write: { versions in
      versions.lowerBound < versions.upperBound ? "TLS" : versions.lowerBound == .tls1_2 ? "TLSv1_2" : "TLSv1_3"
    })
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
