internal import Green
internal import GreenHTTP

/// The cookies that a client keeps and sends back: RFC 6265.
///
/// ```swift
/// var configuration = HTTPClientConfiguration()
/// configuration.cookies = CookieJar()
/// let client = HTTPClient(configuration: configuration)
/// try client.post("https://example.org/login", form: ["name": "Eve", "password": password])
/// let page = try client.get("https://example.org/me").text()   // as Eve
/// ```
///
/// A cookie goes to the host that has set it, and where that says so (`Domain`) to those below it or beside it, below
/// its path, by https alone where it is `Secure`, until it ends. A host cannot set cookies for others, nor for a domain
/// below which hosts of many owners lie, such as `com` or `co.uk`. Which those are is a guess that knows registries alone,
/// and not `github.io`: a client that asks hosts that strangers have there needs a list. By http no cookie takes the place of one that was set by https. At most 3,000 are kept, and 180 of
/// one domain: then those go that were used least recently.
///
/// One jar serves any number of clients, fibers, threads and tasks at once. Clients that are one person's share one;
/// for each person whose requests a program sends on there must be another.
public final class CookieJar: Sendable {
  private struct Kept {
    var cookie: ClientCookie
    /// Counted up with each: which was set first, and which was sent last.
    var created: Int
    var used: Int
  }

  private struct State {
    var kept: [Kept] = []
    var count = 0
  }

  private let state = Guarded(State())
  private let isPublicSuffix: @Sendable (String) -> Bool

  static let most = 3_000
  static let mostOfDomain = 180

  /// A jar.
  ///
  /// - Parameters:
  ///   - cookies: what is in it: ``cookies`` of another, that were kept in a file, say.
  ///   - isPublicSuffix: whether hosts of many owners lie below a domain, as the list of publicsuffix.org has it. The
  ///     domain is in lower case.
  public init(_ cookies: [ClientCookie] = [], isPublicSuffix: (@Sendable (String) -> Bool)? = nil) {
    self.isPublicSuffix = isPublicSuffix ?? CookieRules.isPublicSuffix
    for cookie in cookies { set(cookie) }
  }

  /// All that have not ended, in the order in which they were set.
  public var cookies: [ClientCookie] { cookies(now: WallClock.seconds) }

  func cookies(now: Int64) -> [ClientCookie] {
    state.withLock { state in
      state.kept.filter { !$0.cookie.hasEnded(by: now) }.sorted { $0.created < $1.created }.map(\.cookie)
    }
  }

  /// Those that a request for a URL would bring, in their order.
  ///
  /// - Throws: ``HTTPClientError/invalidURL(_:problem:)``.
  public func cookies(for url: String) throws -> [ClientCookie] {
    let url = try HTTPURL(url)
    return state.withLock { Self.places(in: $0, for: url, now: WallClock.seconds).map { $0.cookie } }
  }

  /// Keeps a cookie, in the place of one with the same name, domain and path. What is not a name or a value is not kept.
  public func set(_ cookie: ClientCookie) {
    let isSendable =
      !cookie.name.isEmpty
      && !(cookie.name + cookie.value).utf8.contains { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: ";") }
      && !cookie.name.utf8.contains(UInt8(ascii: "="))
    if isSendable { put(cookie, now: WallClock.seconds) }
  }

  /// Forgets the cookies that `isWanted` says, which is not to use the jar.
  public func remove(where isWanted: (ClientCookie) -> Bool) {
    state.withLock { state in state.kept.removeAll { isWanted($0.cookie) } }
  }

  /// Forgets all cookies.
  public func removeAll() { state.withLock { $0.kept = [] } }

  // MARK: Requests and answers

  /// What a request for a URL brings as `Cookie` (RFC 6265, 5.4); `nil` where there is nothing.
  func field(for url: HTTPURL, now: Int64 = WallClock.seconds) -> String? {
    state.withLock { state in
      let found = Self.places(in: state, for: url, now: now)
      if found.isEmpty { return nil }
      state.count += 1
      for index in state.kept.indices where found.contains(where: { $0.created == state.kept[index].created }) {
        state.kept[index].used = state.count
      }
      return found.map { "\($0.cookie.name)=\($0.cookie.value)" }.joined(separator: "; ")
    }
  }

  /// The longest paths first, of those as long as another the one that was set first.
  private static func places(in state: State, for url: HTTPURL, now: Int64) -> [Kept] {
    state.kept.filter { $0.cookie.isFor(url) && !$0.cookie.hasEnded(by: now) }.sorted { one, other in
      let lengths = (one.cookie.path.utf8.count, other.cookie.path.utf8.count)
      return lengths.0 != lengths.1 ? lengths.0 > lengths.1 : one.created < other.created
    }
  }

  /// Takes the `Set-Cookie` fields of an answer from a URL (RFC 6265, 5.3).
  func read(_ fields: [String], from url: HTTPURL, now: Int64 = WallClock.seconds) {
    for field in fields {
      guard let said = SetCookieField(field, now: now), let cookie = accepted(said, from: url) else { continue }
      put(cookie, isFromSecure: url.isSecure, now: now)
    }
  }

  /// A cookie as a host may set it; `nil` where it may not.
  private func accepted(_ said: SetCookieField, from url: HTTPURL) -> ClientCookie? {
    var cookie = ClientCookie(
      said.name, said.value, domain: url.host, path: said.path ?? CookieRules.defaultPath(of: url),
      expires: said.expires,
      isSecure: said.isSecure, isHTTPOnly: said.isHTTPOnly)
    // The dot at the end of a full name: its owner's other names would be nobody's.
    if let domain = said.domain, !domain.ends(with: ".") {
      guard CookieRules.isHost(url.host, within: domain), !url.isUnix else { return nil }
      if isPublicSuffix(domain) {
        // 5.3, 5: a host that is one itself has it alone.
        if domain != url.host { return nil }
      } else if !CookieRules.isAddress(url.host) {
        cookie.domain = domain
        cookie.isHostOnly = false
      }
    }
    // RFC 6265bis, 5.7: what is sent by https alone is set by https, and so are these names, which promise more.
    if cookie.isSecure && !url.isSecure { return nil }
    let name = cookie.name.lowercased()
    if name.begins(with: "__secure-") && !cookie.isSecure { return nil }
    if name.begins(with: "__host-"), !cookie.isSecure || said.domain != nil || said.path != "/" { return nil }
    return cookie
  }

  private func put(_ cookie: ClientCookie, isFromSecure: Bool = true, now: Int64) {
    state.withLock { state in
      // RFC 6265bis, 5.7, 15: whoever stands between may change what comes by http, and not what was set by https.
      if !isFromSecure, state.kept.contains(where: { Self.hides(cookie, $0.cookie) && !$0.cookie.hasEnded(by: now) }) {
        return
      }
      state.count += 1
      var kept = Kept(cookie: cookie, created: state.count, used: state.count)
      if let index = state.kept.firstIndex(where: { $0.cookie.isSame(as: cookie) }) {
        kept.created = state.kept[index].created
        state.kept.remove(at: index)
      }
      if cookie.hasEnded(by: now) { return }
      state.kept.append(kept)
      Self.makeRoom(in: &state, for: cookie.domain, now: now)
    }
  }

  /// Whether a cookie would be sent in the place of one that is sent by https alone, or beside it.
  private static func hides(_ cookie: ClientCookie, _ other: ClientCookie) -> Bool {
    other.isSecure && other.name == cookie.name
      && (CookieRules.isHost(other.domain, within: cookie.domain)
        || CookieRules.isHost(cookie.domain, within: other.domain))
      && CookieRules.isPath(cookie.path, below: other.path)
  }

  private static func makeRoom(in state: inout State, for domain: String, now: Int64) {
    let ofDomain = state.kept.count { $0.cookie.domain == domain }
    guard ofDomain > mostOfDomain || state.kept.count > most else { return }
    state.kept.removeAll { $0.cookie.hasEnded(by: now) }
    if state.kept.count(where: { $0.cookie.domain == domain }) > mostOfDomain {
      removeLeastUsed(in: &state) { $0.cookie.domain == domain }
    }
    if state.kept.count > most { removeLeastUsed(in: &state) { _ in true } }
  }

  private static func removeLeastUsed(in state: inout State, where isWanted: (Kept) -> Bool) {
    guard let oldest = state.kept.filter(isWanted).min(by: { $0.used < $1.used }) else { return }
    state.kept.removeAll { $0.created == oldest.created }
  }
}
