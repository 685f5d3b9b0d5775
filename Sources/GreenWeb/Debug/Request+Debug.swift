internal import GreenHTTP
internal import HTTPTypes

extension Request {
  /// Whether it comes from this machine, from somebody who asked for this machine by its name: not through a proxy, and
  /// not from a page whose name leads here only for now (DNS rebinding).
  var isFromThisMachine: Bool {
    guard !remote.hasPrefix("unix:"), TrustedPeers.loopback.trusts(peer: remote), let authority else { return false }
    let names = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]
    if names.contains(where: { name in HTTPField.Name(name).map { header($0) != nil } ?? false }) { return false }
    return Peer.isThisMachine(host: Self.withoutPort(authority).lowercased())
  }

  private static func withoutPort(_ address: String) -> String {
    if address.first == "[" { return address.dropFirst().split(separator: "]").first.map(String.init) ?? "" }
    return address.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
  }
}
