internal import Green

/// What an application keeps of a visitor from one request to the next.
///
/// ```swift
/// app.post("/login") { request in
///   let user = try check(request.form())
///   request.session.renew()
///   request.session[Keys.user] = user.id
///   return Response.redirect(to: "/")
/// }
/// ```
///
/// Nothing is read before it is asked for, and no cookie is set before something is written. Of two requests of one
/// visitor that write at the same time, the later answer's session is the one that stays.
public final class Session: Sendable {
  struct State {
    var content: SessionContent
    /// The session's identity in the store when the request came.
    var oldID: [UInt8] = []
    var wasLoaded = false
    /// Whether anything depends on it.
    var wasUsed = false
    var wasChanged = false
    /// The names of the values that this request has set or forgotten.
    var changed: Set<String> = []
    /// Whether what it had when the request came is of no use any more.
    var wasCleared = false
    /// The error of a store that could not be read, or of a value for which there was no stack: nothing is saved then.
    var failure: (any Error)?
  }

  typealias Loading = @Sendable () throws -> SessionContent?

  private let state: Guarded<State>
  /// Only for as long as the request is answered: it holds the request, which holds the session.
  private let loading: Guarded<Loading?>

  init(_ now: Int64, load: @escaping Loading) {
    state = Guarded(State(content: SessionContent(time: now)))
    loading = Guarded(load)
  }

  /// The request has been answered: what has not been read by now is not read any more.
  func close() { loading.withLock { $0 = nil } }

  /// A value, `nil` where there is none. Setting it has it kept, `nil` has it forgotten. With a store, the first use
  /// parks or blocks until the session is there.
  ///
  /// A value that can no longer be read as one of the key's type is as none. Where memory is too short to read or write one,
  /// the session stays as it was before the request, which fails.
  public subscript<Value>(key: SessionKey<Value>) -> Value? {
    get {
      guard let bytes = using({ $0.content.values[key.name] }) else { return nil }
      do {
        return try SessionContent.decoded(bytes, as: Value.self)
      } catch {
        using { $0.failure = error }
        return nil
      }
    }
    set {
      let encoded: [UInt8]?
      do {
        encoded = try newValue.map { try SessionContent.encoded($0) }
      } catch let error as HubError {
        using { $0.failure = error }
        return
      } catch {
        // One that cannot be JSON is kept as none; its type is the program's.
        encoded = nil
      }
      using { state in
        if state.content.values[key.name] == encoded { return }
        state.content.values[key.name] = encoded
        state.changed.insert(key.name)
        state.wasChanged = true
      }
    }
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { using { $0.content.values.isEmpty } }

  /// Gives the session another identity: to be called when a visitor logs in, so that nobody else has the one that it had before.
  public func renew() {
    using { state in
      state.content.id = []
      state.wasChanged = true
    }
  }

  /// Forgets all of it, and its identity: at logout. Without a store, a cookie that somebody has copied is valid until
  /// its lifetime ends.
  public func clear() {
    using { state in
      state.wasChanged = state.wasChanged || !state.content.values.isEmpty || !state.oldID.isEmpty
      state.wasCleared = true
      state.content.values = [:]
      state.content.id = []
    }
  }

  /// Takes a value out.
  func take<Value>(_ key: SessionKey<Value>) -> Value? {
    let value = self[key]
    if value != nil { self[key] = nil }
    return value
  }

  /// What has become of it.
  var outcome: State { state.withLock { $0 } }

  private func using<Result>(_ body: (inout State) -> Result) -> Result {
    ensureLoaded()
    return state.withLock { state in
      state.wasUsed = true
      return body(&state)
    }
  }

  /// The store is asked without the lock, since that may park; two who ask at once get the same.
  private func ensureLoaded() {
    if state.withLock({ $0.wasLoaded }) { return }
    let loaded = Result { try loading.withLock { $0 }?() }
    state.withLock { state in
      if state.wasLoaded { return }
      state.wasLoaded = true
      switch loaded {
      case .success(let content?):
        state.content = content
        state.oldID = content.id
      case .success(nil): break
      case .failure(let error): state.failure = error
      }
    }
  }
}
