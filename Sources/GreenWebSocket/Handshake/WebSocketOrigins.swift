/// From which pages a browser may open a WebSocket (RFC 6454). Browsers send cookies with the handshake and do not ask, as
/// they do for other requests, whether the page of another site may: the server must look (RFC 6455, 10.2).
public enum WebSocketOrigins: Sendable, Hashable {
  /// Pages of the host that the request is for. What sends no `Origin` is not a browser, and may.
  case same
  /// Those, and pages of these origins: `https://example.org`.
  case listed(Set<String>)
  /// Any: for what no cookie opens.
  case any

  /// Whether a request with this `Origin` for this host may.
  func allows(_ origin: String?, host: String?) -> Bool {
    guard let origin else { return true }
    switch self {
    case .any: return true
    case .same: return WebSocketOrigins.host(of: origin) == host?.lowercased()
    case .listed(let list):
      return list.contains { $0.lowercased() == origin.lowercased() }
        || WebSocketOrigins.same.allows(origin, host: host)
    }
  }

  /// `example.org:8000` of `http://example.org:8000`; `nil` for `null`.
  private static func host(of origin: String) -> String? {
    let parts = origin.lowercased().split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 && ["http", "https"].contains(parts[0]) ? String(parts[1]) : nil
  }
}
