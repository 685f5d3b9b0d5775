internal import Synchronization

/// The name of a value that each request has its own of, with its type: what `g` is in Flask.
///
/// ```swift
/// enum Keys {
///   static let started = RequestKey<ContinuousClock.Instant?>(nil)
/// }
///
/// request[Keys.started] = .now
/// let started = Keys.started.value   // from any function that the request's code calls
/// ```
///
/// A key is made once, as a constant. A request keeps no value that was not set.
public final class RequestKey<Value: Sendable>: Sendable {
  /// The value of a request that was not given one.
  public let defaultValue: Value
  /// Its place in a request's values.
  let number = RequestKeyNumbers.next()

  /// A key, and the value of requests that were not given one.
  public init(_ defaultValue: Value) { self.defaultValue = defaultValue }

  /// The value of the request that the calling code works for, ``Request/current``; the default outside requests.
  public var value: Value {
    get { Request.current?[self] ?? defaultValue }
    set { Request.current?[self] = newValue }
  }
}

/// Numbers keys in the order in which they are made.
enum RequestKeyNumbers {
  private static let count = Atomic(0)

  static func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
}

extension Request {
  /// The request's value of a key. May be used by several threads, fibers and tasks at once; it neither parks nor blocks.
  ///
  /// Values last as long as the request: one that holds the request itself keeps both for ever.
  public subscript<Value: Sendable>(key: RequestKey<Value>) -> Value {
    get {
      guard let kept = storage.value(key.number) as? KeptValue<Value> else { return key.defaultValue }
      return kept.value
    }
    nonmutating set { storage.setValue(key.number, KeptValue(newValue)) }
  }

  /// Gives the value of a key away, which is the default from then on.
  package func take<Value: Sendable>(_ key: RequestKey<Value>) -> Value {
    let value = self[key]
    storage.setValue(key.number, nil)
    return value
  }
}
