internal import Green
internal import GreenHTTP

extension HTTPClientProxies {
  /// The proxy that a URL is asked for through; `nil` for none.
  ///
  /// - Throws: ``HTTPClientError/invalidURL(_:problem:)`` where the proxy's is not one.
  func server(for url: HTTPURL) throws(HTTPClientError) -> ProxyServer? {
    guard let text = url.isSecure ? https : http, !isAskedDirectly(url) else { return nil }
    return try ProxyServer(text)
  }

  private func isAskedDirectly(_ url: HTTPURL) -> Bool {
    if url.isUnix || url.host == "localhost" || url.host.hasSuffix(".localhost") { return true }
    let address = IPAddress(text: url.host)
    if let address, Self.loopback.contains(where: { $0.contains(address) }) { return true }
    return exceptions.contains { Self.matches($0, url, address) }
  }

  private static let loopback = ["127.0.0.0/8", "::1"].compactMap { IPNetwork($0) }

  private static func matches(_ exception: String, _ url: HTTPURL, _ address: IPAddress?) -> Bool {
    if exception == "*" { return true }
    if let network = IPNetwork(exception) { return address.map { network.contains($0) } ?? false }
    var name = exception.lowercased()
    // `[::1]:80` and `host:80`.
    if let colon = name.lastIndex(of: ":"), let port = UInt16(name[name.index(after: colon)...]) {
      guard port == url.port else { return false }
      name = String(name[..<colon])
    }
    if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
    if name.hasPrefix("*.") { name = String(name.dropFirst()) }
    if name.isEmpty || name == "." { return false }
    return name.hasPrefix(".")
      ? url.host.hasSuffix(name) || url.host == name.dropFirst() : url.host == name || url.host.hasSuffix("." + name)
  }
}
