internal import Green
internal import Synchronization

/// Something that each worker process opens for itself, and closes at its end: a pool of connections, a client, a model
/// in memory.
///
/// ```swift
/// enum Resources {
///   static let database = Resource { try Postgres(url, connections: 20) } close: { $0.close() }
/// }
///
/// app.open(Resources.database)   // at the worker's start
/// try Resources.database().query(…)   // from anywhere
/// try Resources.database.withValue(fake) { … }   // for a test
/// ```
///
/// It is opened when it is first asked for, and others that ask meanwhile wait. Where opening fails, the next that asks tries
/// again. Make it a `static let` of an enumeration: a global of `main.swift` may be read by other files before it exists.
public final class Resource<Value: Sendable>: Sendable {
  private let open: @Sendable () throws -> Value
  private let close: @Sendable (Value) throws -> Void
  private let opened = Mutex<Value?>(nil)

  /// A resource that blocking code opens.
  public init(
    _ open: @escaping @Sendable () throws -> Value, close: @escaping @Sendable (Value) throws -> Void = { _ in }
  ) {
    self.open = open
    self.close = close
  }

  /// A resource that an `async` function opens. Whoever asks first waits for it as blocking code does, and holds its actor: one
  /// that `open` needs itself, the main actor say, must not be the first; `app.open` at the worker's start is.
  public convenience init(
    _ open: @escaping @Sendable () async throws -> Value,
    close: @escaping @Sendable (Value) async throws -> Void = { _ in }
  ) { self.init(ensureSync(open), close: ensureSync(close)) }

  /// The value, opened now where it is not yet. May park.
  ///
  /// - Throws: what opening it throws.
  public func callAsFunction() throws -> Value {
    if let value = ResourceOverrides.value(of: self) as? Value { return value }
    return try opened.withLock { opened in
      if let value = opened { return value }
      let value = try open()
      opened = value
      return value
    }
  }

  /// Closes the value, where it is open. The next that asks opens it anew.
  ///
  /// - Throws: what closing it throws.
  public func closeIfOpen() throws {
    let value = opened.withLock { opened -> Value? in
      defer { opened = nil }
      return opened
    }
    if let value { try close(value) }
  }

  /// Has everything that `body` calls, the requests that it makes and the tasks that it begins, find another value: for
  /// tests, which may run at the same time with values of their own.
  public func withValue<Result>(_ value: Value, _ body: () throws -> Result) rethrows -> Result {
    try ResourceOverrides.with(self, value, body)
  }

  /// As the one above, for an `async` function.
  public func withValue<Result>(
    _ value: Value, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result { try await ResourceOverrides.with(self, value, isolation: isolation, body) }
}

/// The values of resources that tests have put in their places: a task-local, which reaches what is begun elsewhere.
enum ResourceOverrides {
  @TaskLocal private static var values: [ObjectIdentifier: any Sendable] = [:]
  /// Whether there has been one: else nobody looks.
  private static let areThere = Atomic(false)

  static func value(of resource: AnyObject) -> (any Sendable)? {
    guard areThere.load(ordering: .relaxed) else { return nil }
    return values[ObjectIdentifier(resource)]
  }

  static func with<Result>(
    _ resource: AnyObject, _ value: any Sendable, _ body: () throws -> Result
  ) rethrows -> Result {
    areThere.store(true, ordering: .relaxed)
    var all = values
    all[ObjectIdentifier(resource)] = value
    return try $values.withValue(all, operation: body)
  }

  static func with<Result>(
    _ resource: AnyObject, _ value: any Sendable, isolation: isolated (any Actor)?, _ body: () async throws -> Result
  ) async rethrows -> Result {
    areThere.store(true, ordering: .relaxed)
    var all = values
    all[ObjectIdentifier(resource)] = value
    return try await $values.withValue(all, operation: body, isolation: isolation)
  }
}
