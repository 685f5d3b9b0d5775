import Glibc
import Green

/// Where lines are sent to by a socket: `udp://HOST:PORT`, `tcp://HOST:PORT`, `unix:///PATH#dgram` or `#stream`, `HOST:PORT`.
struct PeerAddress: Sendable, Equatable {
  enum Place: Sendable, Equatable {
    case host(String, port: UInt16)
    case path(String)
  }
  enum Kind: Sendable { case datagram, stream }

  let place: Place
  /// `nil` where nobody has said: datagrams, or a stream where the path is that of one.
  let kind: Kind?

  /// Reads an address, in which the port may be missing; `nil` for what is not one.
  init?(_ text: String, port: UInt16) {
    if let path = Self.path(in: text) {
      let parts = path.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      guard SocketAddress(unixPath: String(parts[0])) != nil else { return nil }
      place = .path(String(parts[0]))
      switch parts.count > 1 ? String(parts[1]) : nil {
      case nil: kind = nil
      case "dgram"?: kind = .datagram
      case "stream"?: kind = .stream
      default: return nil
      }
      return
    }
    let isStream = text.hasPrefix("tcp://")
    let rest = isStream || text.hasPrefix("udp://") ? String(text.dropFirst(6)) : text
    guard !rest.contains("/"), let host = Self.host(in: rest, port) else { return nil }
    place = host
    kind = isStream ? .stream : .datagram
  }

  /// What follows `unix://` or `unix:`.
  private static func path(in text: String) -> String? {
    for scheme in ["unix://", "unix:"] where text.hasPrefix(scheme) { return String(text.dropFirst(scheme.count)) }
    return nil
  }

  private static func host(in text: String, _ port: UInt16) -> Place? {
    // An address of IPv6 is in brackets.
    let colon = text.lastIndex(of: ":").flatMap { text[$0...].contains("]") ? nil : $0 }
    let name = String(text[..<(colon ?? text.endIndex)])
    let bare = name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
    guard !bare.isEmpty, bare == name ? !name.contains(":") : true else { return nil }
    guard let colon else { return .host(bare, port: port) }
    guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
    return .host(bare, port: number)
  }

  /// The address that a socket connects to. Blocks while a name server is asked.
  func resolved() throws(BindError) -> SocketAddress {
    switch place {
    case .path(let path):
      guard let address = SocketAddress(unixPath: path) else { throw .unresolved("the path is too long") }
      return address
    case .host(let host, let port):
      guard let first = try SocketAddress.toListenAt(host: host, port: port).first else {
        throw .unresolved("\(host) has no address")
      }
      return first
    }
  }
}
