internal import Green
internal import GreenHTTP

/// The value of `--http-protocols`: names separated by commas.
enum ProtocolList {
  static func parse(_ text: String) throws(SettingFault) -> [HTTPProtocol] {
    var protocols: [HTTPProtocol] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let found = HTTPProtocol(rawValue: name.trimmed) else {
        throw SettingFault("'\(name)' is none of \(HTTPProtocol.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      protocols.append(found)
    }
    return protocols
  }

  static func check(_ protocols: [HTTPProtocol]) throws(SettingFault) {
    if Set(protocols).count < protocols.count { throw SettingFault("one is named twice") }
    if !protocols.contains(.http1) { throw SettingFault("h1 cannot be left out") }
  }
}

extension Configuration {
  /// Whether workers speak HTTP/2: those that serve in fibers.
  var speaksHTTP2: Bool { self.httpProtocols.contains(.http2) && effectiveWorkerClass == .green }

  /// Throws where HTTP/2 is wanted, and the program has nothing that speaks it.
  func checkProtocols() throws(ConfigurationError) {
    guard self.httpProtocols.contains(.http2), http2 == nil else { return }
    throw complaint(
      about: ServerSettings.http.httpProtocols, ServerSettings.http.httpProtocols.text(in: self),
      "but this program is built without HTTP/2: add the product GreenHTTP2 to its target, import GreenHTTP2, and write "
        + "app.run { $0.http2 = .nghttp2 }")
  }
}

extension SettingForm where Value == [HTTPProtocol] {
  static let protocols = SettingForm(
    "h1, or h1 and h2 separated by a comma, the preferred one first",
    read: { text throws(SettingFault) in
      let protocols = try ProtocolList.parse(text)
      try ProtocolList.check(protocols)
      return protocols
    },
    check: { protocols throws(SettingFault) in try ProtocolList.check(protocols) },
    write: { $0.map(\.rawValue).joined(separator: ",") })
}
