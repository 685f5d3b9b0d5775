internal import CSecrets
public import GreenHTTP
public import GreenWeb
internal import HTTPTypes
internal import SystemPackage

/// Gives each request its visitor's ``Session``.
///
/// ```swift
/// app.use(Sessions(keys: [secret]))                                             // in a signed cookie
/// app.use(Sessions(keys: [secret], isEncrypted: true))                          // that nobody can read
/// app.use(Sessions(keys: [secret], store: RedisStore(redis, prefix: "session:")))
/// ```
///
/// A cookie that was not made by one of the keys, that is too old or was set under another name counts as none. The
/// answer of a request whose session was used says `Vary: Cookie`, so that no cache gives it to another visitor. A
/// session that is used is kept for another whole lifetime once half of it is over.
public struct Sessions: Middleware {
  private let seal: CookieSeal
  private let cookie: String
  private let lifetime: Duration
  private let store: (any ExpiringStore)?
  private let clock: @Sendable () -> Int64

  /// - Parameters:
  ///   - keys: the secrets. The first signs, all are accepted: see ``CookieSeal``.
  ///   - cookie: the cookie's name. One that begins with `__Host-` is taken by browsers from https and this very host only.
  ///   - lifetime: how long a session lasts that is not used. 14 days.
  ///   - isEncrypted: whether visitors cannot read what is in their cookies.
  ///   - store: where the values are kept, so that the cookie only says whose they are; without one they are in the cookie.
  public init(
    keys: [String], cookie: String = "session", lifetime: Duration = .seconds(14 * 86_400), isEncrypted: Bool = false,
    store: (any ExpiringStore)? = nil
  ) {
    self.init(keys: keys, cookie: cookie, lifetime: lifetime, isEncrypted: isEncrypted, store: store) {
      SystemTime.seconds
    }
  }

  init(
    keys: [String], cookie: String, lifetime: Duration, isEncrypted: Bool, store: (any ExpiringStore)?,
    clock: @escaping @Sendable () -> Int64
  ) {
    seal = CookieSeal(keys: keys, isEncrypted: isEncrypted)
    (self.cookie, self.lifetime, self.store, self.clock) = (cookie, lifetime, store, clock)
  }

  public func respond(to request: Request, next: Next) throws -> Response {
    let session = Session(clock()) { try self.load(request) }
    request[Session.key] = session
    defer { session.close() }
    var response = try next(request)
    try save(session, request, &response)
    return response
  }

  // MARK: Loading

  private func load(_ request: Request) throws -> SessionContent? {
    guard let text = request.cookies[cookie], let bytes = seal.open(text, name: cookie),
      var content = SessionContent(bytes),
      isFresh(content)
    else { return nil }
    guard let store else { return content.id.isEmpty ? content : nil }
    guard !content.id.isEmpty, let kept = try store.read(Base64URL.encode(content.id)),
      let values = SessionContent(kept)
    else {
      return nil
    }
    content.values = values.values
    return content
  }

  private func isFresh(_ content: SessionContent) -> Bool {
    let age = clock() - content.time
    // One of the future is another server's whose clock is fast; an hour of that is as much as may be.
    return age >= -3600 && age < lifetime.components.seconds
  }

  // MARK: Saving

  private func save(_ session: Session, _ request: Request, _ response: inout Response) throws {
    let state = session.outcome
    if let failure = state.failure { throw failure }
    guard state.wasUsed else { return }
    response.headers.addVary("Cookie")
    let isHalfOver = clock() - state.content.time >= lifetime.components.seconds / 2
    if state.wasChanged {
      state.content.values.isEmpty ? try forget(state, request, &response) : try write(state, &response)
    } else if isHalfOver && !state.content.values.isEmpty {
      try write(state, &response)
    }
  }

  private func forget(_ state: Session.State, _ request: Request, _ response: inout Response) throws {
    if !state.oldID.isEmpty { try store?.remove(Base64URL.encode(state.oldID)) }
    if request.cookies[cookie] != nil { response.deleteCookie(cookie) }
  }

  private func write(_ state: Session.State, _ response: inout Response) throws {
    var content = state.content
    content.time = clock()
    if let store {
      if content.id.isEmpty { content.id = try Self.newID() }
      let key = Base64URL.encode(content.id)
      let isKept = !state.oldID.isEmpty && !state.wasCleared
      // Another request may have ended it meanwhile, by a logout, or given it another identity, by a login: what it had stays
      // ended, and the browser has been told by that one's answer.
      if isKept, try !store.replace(content.bytes, for: Base64URL.encode(state.oldID), lifetime: lifetime) {
        if state.oldID == content.id { return }
        content.values = content.values.filter { state.changed.contains($0.key) }
      }
      if !isKept || state.oldID != content.id { try store.write(content.bytes, for: key, lifetime: lifetime) }
      if !state.oldID.isEmpty && state.oldID != content.id { try store.remove(Base64URL.encode(state.oldID)) }
      content.values = [:]
    }
    let text = try seal.seal(content.bytes, name: cookie)
    if text.utf8.count + cookie.utf8.count > 4000 { throw SessionError.tooLarge(text.utf8.count) }
    response.setCookie(Cookie(cookie, text, maxAge: lifetime))
  }

  /// 256 bits.
  private static func newID() throws -> [UInt8] {
    try SecureRandom.bytes(32)
  }
}
