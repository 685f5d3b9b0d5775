public import GreenHTTP
internal import HTTPTypes

/// Adds the fields by which a browser is more careful with a site's answers. What an answer says itself stays.
///
/// ```swift
/// app.use(SecurityHeaders(contentSecurityPolicy: "default-src 'self'"))
/// ```
public struct SecurityHeaders: Middleware {
  private let fields: [(name: HTTPField.Name, value: String)]
  private let transportSecurity: String?

  /// - Parameters:
  ///   - contentSecurityPolicy: what pages may load and run (CSP 3). The default forbids plug-ins, other bases of relative
  ///     addresses, and being framed by other sites; one that names the sources of scripts is better. `nil` for none.
  ///   - frameOptions: `X-Frame-Options`, for old browsers; `nil` for none.
  ///   - referrerPolicy: what other sites are told of the page that a link was on.
  ///   - transportSecurity: for how long browsers come by https alone (RFC 6797), said in answers to https only; `nil` for not at
  ///     all.
  public init(
    contentSecurityPolicy: String? = "object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
    frameOptions: String? = "SAMEORIGIN", referrerPolicy: String = "strict-origin-when-cross-origin",
    transportSecurity: Duration? = .seconds(63_072_000)
  ) {
    var fields: [(name: HTTPField.Name, value: String)] = [
      (.xContentTypeOptions, "nosniff"), (.referrerPolicy, referrerPolicy), (.crossOriginOpenerPolicy, "same-origin"),
    ]
    if let contentSecurityPolicy { fields.append((.contentSecurityPolicy, contentSecurityPolicy)) }
    if let frameOptions { fields.append((.frameOptions, frameOptions)) }
    self.fields = fields
    self.transportSecurity = transportSecurity.map { "max-age=\(max(0, $0.components.seconds)); includeSubDomains" }
  }

  public func respond(to request: Request, next: Next) throws -> Response {
    let isSecure = request.scheme == "https"
    return try next.decorating(request) { response in
      var response = response
      for (name, value) in fields where !response.headers.contains(name) { response.headers[name] = value }
      if isSecure, let transportSecurity, !response.headers.contains(.strictTransportSecurity) {
        response.headers[.strictTransportSecurity] = transportSecurity
      }
      return response
    }
  }
}

extension HTTPField.Name {
  fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
  fileprivate static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
  fileprivate static let frameOptions = HTTPField.Name("X-Frame-Options")!
}
