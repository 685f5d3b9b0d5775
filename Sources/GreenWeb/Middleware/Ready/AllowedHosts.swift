internal import GreenHTTP
internal import HTTPTypes

/// Refuses requests for hosts that are not this application's: see ``App/hosts``.
struct AllowedHosts: Middleware {
  private let names: [String]

  init(_ names: [String]) { self.names = names.map(HostName.of) }

  func respond(to request: Request, next: Next) throws -> Response {
    guard allows(request.host) else { throw HTTPError(.badRequest, "this host is not served here") }
    return try next(request)
  }

  private func allows(_ authority: String?) -> Bool { authority.map { serves(HostName.of($0)) } ?? false }

  /// Whether a host is one of them.
  func serves(_ host: String) -> Bool {
    names.contains { name in
      if name == "*" || name == host { return true }
      // What is below a host, and has a name there.
      guard name.hasPrefix("*.") else { return false }
      return host.hasSuffix(name.dropFirst()) && host.utf8.count >= name.utf8.count
    }
  }
}

extension App {
  /// The hosts that requests may be for: `example.org`, `*.example.org` for those below it; empty, the default, for
  /// any. Requests for others are answered with `400`: who made links of the host that a client says could be made to
  /// send people elsewhere.
  public var hosts: [String] {
    get { _scaffold.current.hosts }
    set { _scaffold.change { $0.hosts = newValue } }
  }
}
