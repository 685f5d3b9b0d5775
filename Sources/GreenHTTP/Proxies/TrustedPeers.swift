internal import Green

/// The peers whose word counts about others: the proxies in front of a server.
///
/// As text: addresses and networks separated by commas, `127.0.0.1,10.0.0.0/8,2001:db8::/32`; `*` is everybody, and nothing
/// at all nobody. Who connects by a Unix socket is trusted except by nobody: whoever may enter its directory is of this
/// machine.
public struct TrustedPeers: Sendable, Hashable, CustomStringConvertible {
  private enum Extent: Hashable {
    case nobody
    case networks([IPNetwork])
    case everybody
  }

  private let extent: Extent

  private init(_ extent: Extent) { self.extent = extent }

  /// Nobody.
  public static let nobody = TrustedPeers(.nobody)
  /// Everybody: for servers that none but the proxies can reach.
  public static let everybody = TrustedPeers(.everybody)
  /// Programs on this machine that connect to `127.0.0.1`, to `::1` or by a Unix socket: gunicorn's default.
  public static let loopback = TrustedPeers(.networks(["127.0.0.1", "::1"].compactMap { IPNetwork($0) }))

  /// Reads a list; `nil` where an entry is neither an address nor a network, or a network's address has bits beyond its
  /// length.
  public init?(_ text: String) {
    let entries = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    if entries.isEmpty {
      extent = .nobody
    } else if entries.contains("*") {
      extent = .everybody
    } else {
      let networks = entries.compactMap { IPNetwork($0) }
      guard networks.count == entries.count else { return nil }
      extent = .networks(networks)
    }
  }

  /// The list as it is read.
  public var description: String {
    switch extent {
    case .nobody: ""
    case .everybody: "*"
    case .networks(let networks): networks.map(\.text).joined(separator: ",")
    }
  }

  /// Whether the address is one of theirs.
  func trusts(_ address: IPAddress) -> Bool {
    switch extent {
    case .nobody: false
    case .everybody: true
    case .networks(let networks): networks.contains { $0.contains(address) }
    }
  }

  /// Whether the peer is one of theirs: as a stream describes it, `127.0.0.1:40312`, `[::1]:40312` or `unix:`.
  package func trusts(peer: String) -> Bool {
    if peer.hasPrefix("unix:") { return extent != .nobody }
    if extent == .everybody { return true }
    return Peer.host(of: peer).flatMap { IPAddress(text: $0) }.map(trusts) ?? false
  }
}

/// The other end of a connection as text.
package enum Peer {
  /// The address without its port: `127.0.0.1:40312` is `127.0.0.1`, `[::1]:40312` is `::1`; `nil` of a Unix socket, and of
  /// nothing.
  package static func host(of peer: String) -> String? {
    if peer.isEmpty || peer.hasPrefix("unix:") { return nil }
    guard let colon = peer.lastIndex(of: ":") else { return peer }
    let host = peer[..<colon]
    return host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
  }

  /// Whether a host, as text without a port, is this machine by a name that nobody else can give it: `localhost`, `::1` or an
  /// address that begins with 127 (RFC 6761, 6.3; RFC 1122, 3.2.1.3).
  package static func isThisMachine(host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
