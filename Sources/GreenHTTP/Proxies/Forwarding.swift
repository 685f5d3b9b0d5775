/// What trusted proxies say of a request.
final class Forwarding: Sendable, Equatable {
  /// For whom the outermost of them asks: an address without a port, `unknown`, or a name of the proxy's own that begins
  /// with `_` (RFC 7239, 6). `nil` where they do not say.
  let client: String?
  /// How the client has asked that proxy; `nil` where they do not say.
  let isSecure: Bool?
  /// Which host, and which port where it is not the scheme's own, the client has asked for; `nil` where they do not say.
  let host: String?
  /// The path that a proxy has taken off the front of the request's; empty for none.
  let rootPath: String

  init(client: String? = nil, isSecure: Bool? = nil, host: String? = nil, rootPath: String = "") {
    self.client = client
    self.isSecure = isSecure
    self.host = host
    self.rootPath = rootPath
  }

  /// That the peer is trusted, and says nothing of the client.
  static let silent = Forwarding()

  static func == (one: Forwarding, other: Forwarding) -> Bool {
    one.client == other.client && one.isSecure == other.isSecure && one.host == other.host
      && one.rootPath == other.rootPath
  }
}

extension Forwarding {
  /// What the fields of a request say that came from a trusted proxy; `nil` where they say nothing.
  ///
  /// Where there are both `Forwarded` and `X-Forwarded-For`, `-Proto` or `-Host`, a proxy that sets the ones may have passed
  /// the others on as a client sent them: they must say the same.
  ///
  /// - Throws: the ``HeadFault`` for which the request is refused.
  static func resolve(_ field: (StaticString) -> String?, trusting trusted: TrustedPeers) throws(HeadFault)
    -> Forwarding?
  {
    let common = XForwarded(
      clients: field("x-forwarded-for"), schemes: field("x-forwarded-proto"), hosts: field("x-forwarded-host"),
      ports: field("x-forwarded-port"), prefix: field("x-forwarded-prefix"))
    guard let standard = field("forwarded") else {
      return common.isEmpty ? nil : try common.resolve(trusting: trusted)
    }
    let resolved = try ForwardedField.resolve(standard, trusting: trusted)
    guard common.saysWhoAsks else {
      return common.isEmpty ? resolved : try resolved.with(common.resolve(trusting: trusted))
    }
    let other = try common.resolve(trusting: trusted)
    guard other.client == resolved.client && other.isSecure == resolved.isSecure && other.host == resolved.host else {
      throw .forwardedContradiction
    }
    return other
  }

  /// The same, with what `Forwarded` has no words for.
  private func with(_ other: Forwarding) -> Forwarding {
    Forwarding(client: client, isSecure: isSecure, host: host, rootPath: other.rootPath)
  }

  /// Whether the text is a scheme that a client can have asked by; those of WebSockets stand for theirs.
  static func isSecure(_ scheme: some StringProtocol) throws(HeadFault) -> Bool {
    switch scheme.lowercased() {
    case "https", "wss": return true
    case "http", "ws": return false
    default: throw .forwardedScheme
    }
  }

  /// A host with or without a port.
  static func host(_ text: some StringProtocol) throws(HeadFault) -> String {
    let text = String(text)
    guard text.withBytes({ $0.baseAddress.map { Authority.isWellFormed($0, count: text.utf8.count) } ?? false }) else {
      throw .forwardedHost
    }
    return text
  }
}
