internal import Green

/// A `ws` or `wss` URL (RFC 6455, 3).
struct WebSocketURL: Equatable {
  var host: String
  var port: UInt16
  /// Path and query, as the request line has them.
  var target: String
  /// Whether it is `wss`: spoken over TLS.
  var isSecure: Bool

  /// The value of `Host`.
  var authority: String {
    port == (isSecure ? 443 : 80) ? HostAndPort.bracketed(host) : HostAndPort.text(host, port)
  }

  /// Throws ``WebSocketURLError`` for what is not such a URL.
  init(_ text: String) throws(WebSocketURLError) {
    func fault(_ what: String) -> WebSocketURLError { WebSocketURLError(url: text, problem: what) }
    isSecure = text.lowercased().hasPrefix("wss://")
    guard isSecure || text.lowercased().hasPrefix("ws://") else {
      throw fault("it must begin with 'ws://' or 'wss://'")
    }
    if text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
      throw fault("spaces and letters beyond ASCII must be escaped")
    }
    if text.contains("#") { throw fault("it cannot have a fragment") }
    let rest = text.dropFirst(isSecure ? 6 : 5)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = rest[..<end]
    if authority.contains("@") { throw fault("it cannot have a user") }
    let isLiteral = authority.hasPrefix("[")
    let split =
      isLiteral ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : authority.lastIndex(of: ":")
    guard !isLiteral || split != nil else { throw fault("the address has no ']'") }
    let name = authority[..<(split ?? authority.endIndex)]
    let portText = split.map { authority[$0...] } ?? ""
    host = String(isLiteral ? name.dropFirst().dropLast() : name)
    if host.isEmpty { throw fault("it has no host") }
    if !isLiteral && host.contains(":") { throw fault("an IPv6 address needs brackets, as in ws://[::1]:8000/") }
    if portText.isEmpty {
      port = isSecure ? 443 : 80
    } else {
      guard portText.hasPrefix(":"), let number = UInt16(portText.dropFirst()), number > 0 else {
        throw fault("the port must be a number from 1 to 65535")
      }
      port = number
    }
    target = String(rest[end...])
    if !target.hasPrefix("/") { target = "/" + target }
  }
}
