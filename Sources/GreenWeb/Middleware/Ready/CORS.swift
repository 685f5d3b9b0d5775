internal import Green
public import GreenHTTP
public import HTTPTypes

/// Lets pages of other sites ask this one: cross-origin resource sharing, the Fetch standard, 3.2.
///
/// ```swift
/// app.use(CORS(origins: ["https://example.org", "https://*.example.org"], credentials: true))
/// ```
///
/// Of an application, a blueprint or a route. Errors have the fields too, wherever they come from: without them a page
/// would not be told the status.
public struct CORS: Middleware {
  private let origins: [AllowedOrigin]
  private let methods: String
  private let headers: String?
  private let exposed: String?
  private let credentials: Bool
  private let maxAge: Int64

  /// - Parameters:
  ///   - origins: the sites whose pages may ask: `https://example.org`, `https://*.example.org` for those below it, `*` for all.
  ///   - methods: the methods that they may use.
  ///   - headers: the fields that they may send, beside those that any page may; empty for whichever they ask for.
  ///   - exposed: the fields of answers that their scripts may read, beside those that any may.
  ///   - credentials: whether requests may bring cookies. Not with `*`, which would let every site act for whoever is logged in:
  ///     that ends the program.
  ///   - maxAge: for how long a browser need not ask again.
  public init(
    origins: [String], methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete],
    headers: [HTTPField.Name] = [], exposed: [HTTPField.Name] = [], credentials: Bool = false,
    maxAge: Duration = .seconds(600)
  ) {
    requirement(
      !(credentials && origins.contains("*")), "CORS with credentials needs the names of the origins, and not '*'")
    self.origins = origins.map { AllowedOrigin($0) }
    self.methods = methods.map(\.rawValue).joined(separator: ", ")
    self.headers = headers.isEmpty ? nil : headers.map(\.rawName).joined(separator: ", ")
    self.exposed = exposed.isEmpty ? nil : exposed.map(\.rawName).joined(separator: ", ")
    self.credentials = credentials
    self.maxAge = max(0, maxAge.components.seconds)
  }

  public func respond(to request: Request, next: Next) throws -> Response {
    let origin = request.header(.origin)
    if let origin, request.method == .options, let method = request.header(.accessControlRequestMethod) {
      return preflight(request, origin, method)
    }
    return try next.decorating(request) { decorated($0, for: origin) }
  }

  private var allowsAll: Bool { origins.contains(.all) }
  private func allows(_ origin: String) -> Bool { origins.contains { $0.contains(origin) } }

  /// The answer to whether a request may be sent: the Fetch standard, 4.8.
  private func preflight(_ request: Request, _ origin: String, _ method: String) -> Response {
    guard allows(origin) else {
      return decorated(Response("pages of '\(origin)' may not ask", status: .forbidden), for: origin)
    }
    var response = decorated(Response(status: .noContent), for: origin)
    response.headers[.accessControlAllowMethods] = methods
    if let asked = headers ?? request.header(.accessControlRequestHeaders) {
      response.headers[.accessControlAllowHeaders] = asked
    }
    response.headers[.accessControlMaxAge] = "\(maxAge)"
    response.headers.addVary("Access-Control-Request-Headers")
    return response
  }

  private func decorated(_ response: Response, for origin: String?) -> Response {
    var response = response
    if allowsAll {
      response.headers[.accessControlAllowOrigin] = "*"
    } else {
      // Also where it is not allowed: a cache must not give one site's answer to another.
      response.headers.addVary("Origin")
      guard let origin, allows(origin) else { return response }
      response.headers[.accessControlAllowOrigin] = origin
      if credentials { response.headers[.accessControlAllowCredentials] = "true" }
    }
    if let exposed { response.headers[.accessControlExposeHeaders] = exposed }
    return response
  }
}

/// A site whose pages may ask.
private enum AllowedOrigin: Hashable, Sendable {
  case all
  case one(String)
  /// Those below a host: what they begin with, and what they end with.
  case below(scheme: String, host: String)

  init(_ text: String) {
    let text = text.lowercased()
    guard text != "*" else {
      self = .all
      return
    }
    let parts = text.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
    self = parts.count == 2 ? .below(scheme: String(parts[0]), host: String(parts[1])) : .one(text)
  }

  func contains(_ origin: String) -> Bool {
    let origin = origin.lowercased()
    switch self {
    case .all: return true
    case .one(let one): return one == origin
    case .below(let scheme, let host):
      guard origin.hasPrefix(scheme), origin.hasSuffix(host) else { return false }
      let label = origin.dropFirst(scheme.count).dropLast(host.count)
      return !label.isEmpty
        && label.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x2d || $0 == 0x2e }
    }
  }
}

extension Next {
  /// The answer of what follows, as `decorate` changes it; and the answer to what it throws, once the error handlers have made
  /// that.
  package func decorating(
    _ request: Request, _ decorate: @escaping @Sendable (Response) -> Response
  ) throws -> Response {
    do {
      return decorate(try self(request))
    } catch {
      request.afterThisRequest { decorate($0) }
      throw error
    }
  }
}
