internal import Green

/// `X-Forwarded-For` and its kin, which no standard describes: as nginx, HAProxy and Traefik send them.
struct XForwarded {
  let clients: String?
  let schemes: String?
  let hosts: String?
  let ports: String?
  let prefix: String?

  var isEmpty: Bool { !saysWhoAsks && ports == nil && prefix == nil }
  /// Whether there is one of those that `Forwarded` can say too.
  var saysWhoAsks: Bool { clients != nil || schemes != nil || hosts != nil }

  func resolve(trusting trusted: TrustedPeers) throws(HeadFault) -> Forwarding {
    let entries = Self.entries(clients)
    let client = try Self.client(in: entries, trusting: trusted)
    let place = Place(index: client?.index ?? 0, count: entries.count)
    let isSecure = try schemes.map { text throws(HeadFault) in try Forwarding.isSecure(try place.entry(of: text)) }
    return Forwarding(
      client: client?.node.text, isSecure: isSecure, host: try host(place, isSecure: isSecure ?? false),
      rootPath: try prefix.map { text throws(HeadFault) in try RootPath.read(text) } ?? "")
  }

  /// The right-most entry that is not a trusted proxy's own, or the first. Those left of it are not looked at: a client may
  /// send what it likes.
  private static func client(in entries: [String], trusting trusted: TrustedPeers) throws(HeadFault)
    -> (index: Int, node: ForwardedNode)?
  {
    for index in entries.indices.reversed() {
      let node = try ForwardedNode(loose: entries[index])
      if index > 0, let address = node.address, trusted.trusts(address) { continue }
      return (index, node)
    }
    return nil
  }

  /// The host, with the port where that is told apart from it and is not the scheme's own.
  private func host(_ place: Place, isSecure: Bool) throws(HeadFault) -> String? {
    let port = try ports.map { text throws(HeadFault) in try Self.port(try place.entry(of: text)) }
    guard let hosts else { return nil }
    let host = try Forwarding.host(try place.entry(of: hosts))
    let hasPort = host.hasSuffix("]") ? false : host.contains("]:") || (!host.hasPrefix("[") && host.contains(":"))
    guard let port, !hasPort, port != (isSecure ? 443 : 80) else { return host }
    return "\(host):\(port)"
  }

  private static func port(_ text: some StringProtocol) throws(HeadFault) -> UInt16 {
    guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let port = UInt16(text), port > 0 else { throw .forwardedPort }
    return port
  }

  fileprivate static func entries(_ text: String?) -> [String] {
    guard let text else { return [] }
    return text.pieces(between: ",").map(\.trimmed)
  }

  /// Which entry of a list is the client's.
  private struct Place {
    let index: Int
    let count: Int

    /// The only entry of a list, or of one as long as that of the clients the one at the same place. Of another length there
    /// is no knowing which proxy has said what.
    func entry(of list: String) throws(HeadFault) -> String {
      let entries = XForwarded.entries(list)
      if entries.count == 1 { return entries[0] }
      guard entries.count == count else { throw .forwardedLength }
      return entries[index]
    }
  }
}

/// `X-Forwarded-Prefix`: the path that a proxy has taken off the front.
enum RootPath {
  /// Reads one, without a slash at its end. It stands at the front of links: one that begins with two slashes would lead to
  /// another host, and one with dots elsewhere.
  static func read(_ text: String) throws(HeadFault) -> String {
    var path = Substring(text)
    while path.utf8.last == 0x2f { path = Substring(path.utf8.dropLast()) }
    if path.isEmpty { return "" }
    guard path.utf8.first == 0x2f, path.utf8.allSatisfy({ $0 == 0x2f || ByteClass.unescapedName.contains($0) }) else {
      throw .forwardedPrefix
    }
    let segments = path.dropping(bytes: 1).pieces(between: "/")
    guard segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { throw .forwardedPrefix }
    return String(path)
  }
}
