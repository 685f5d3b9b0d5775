public import GreenHTTP
public import GreenWeb
internal import HTTPTypes

/// Refuses what another site has a visitor's browser send: cross-site request forgery.
///
/// ```swift
/// app.use(Sessions(keys: [secret]), CSRF())
/// ```
///
/// Requests that change nothing (`GET`, `HEAD`, `OPTIONS`, `TRACE`) pass, and so do those with `Authorization`, which
/// no browser adds by itself; of the methods that one does add, `Basic`, `Digest` and `Negotiate`, that is not true,
/// and such requests are looked at. Browsers say where a request comes from, by `Sec-Fetch-Site`, and by `Origin`: it
/// has to be this origin, or one that is trusted. Where a browser says neither, the form has to have the session's
/// token:
///
/// ```swift
/// "<input type='hidden' name='csrf_token' value='\(try request.csrfToken)'>"
/// ```
///
/// or the request the header `X-CSRF-Token`. What is refused is answered `403`.
public struct CSRF: Middleware {
  private let trusted: Set<String>

  /// - Parameter trusted: origins of other sites that may, `https://admin.example.org`.
  public init(trusted: [String] = []) { self.trusted = Set(trusted.map { $0.lowercased() }) }

  public func respond(to request: Request, next: Next) throws -> Response {
    guard try isAllowed(request) else {
      throw HTTPError(.forbidden, "the request was made by another site, or its form is too old: open the page again")
    }
    return try next(request)
  }

  private func isAllowed(_ request: Request) throws -> Bool {
    switch request.method {
    case .get, .head, .options, .trace: return true
    default: break
    }
    if Self.hasOwnAuthorization(request) { return true }
    let origin = request.header(.origin)?.lowercased()
    if let origin, trusted.contains(origin) { return true }
    if let site = request.header(Self.secFetchSite) { return site == "same-origin" || site == "none" }
    if let origin { return origin == Self.ownOrigin(request) }
    return try request.hasCSRFToken
  }

  /// Whether it has credentials that a program has put there.
  private static func hasOwnAuthorization(_ request: Request) -> Bool {
    guard let field = request.header(.authorization) else { return false }
    let scheme = field.prefix { $0 != " " }.lowercased()
    return !["basic", "digest", "negotiate", "ntlm", ""].contains(scheme)
  }

  /// The origin of this application, as a browser would say it: RFC 6454, 6.2.
  private static func ownOrigin(_ request: Request) -> String? {
    guard var authority = request.host?.lowercased() else { return nil }
    let standard = request.scheme == "https" ? ":443" : ":80"
    if authority.hasSuffix(standard) { authority.removeLast(standard.count) }
    return "\(request.scheme)://\(authority)"
  }

  // The name is a token, so that there is one.
  private static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
