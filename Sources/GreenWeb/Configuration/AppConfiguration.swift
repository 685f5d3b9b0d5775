internal import Glibc
internal import Green

/// What an application is told about where it runs: addresses, secrets, switches. Flask's `app.config`, typed.
///
/// ```swift
/// try app.config.load("settings.env")
/// let pool = try app.config.get("POOL_SIZE", default: 20)
/// let secret: String = try app.config.require("SECRET_KEY")
/// ```
///
/// A value is looked for in the environment first, then in the files that were loaded, the last first, then in what the
/// program has set. It is not the server's configuration, which has options of its own.
public final class AppConfiguration: Sendable {
  private let state = Guarded(State())

  private struct State {
    var prefix = ""
    var own: [String: String] = [:]
    var files: [String: String] = [:]
  }

  /// One beside an application's: for what a program needs before it has an application, such as a ``Resource`` in a
  /// `static let`.
  public init() {}

  /// What the names of variables in the environment begin with that are meant for this application: with `NOTES_`, the value
  /// `SECRET_KEY` is `NOTES_SECRET_KEY` there. Empty by default.
  public var environmentPrefix: String {
    get { state.withLock { $0.prefix } }
    set { state.withLock { $0.prefix = newValue } }
  }

  /// A value as text; `nil` where there is none. To set one is to give a default: the environment and files go before it.
  public subscript(_ key: String) -> String? {
    get {
      let (name, found) = state.withLock { ($0.prefix + key, $0.files[key] ?? $0.own[key]) }
      return getenv(name).map { String(cString: $0) } ?? found
    }
    set { state.withLock { $0.own[key] = newValue } }
  }

  /// A value of a type; `nil` where there is none.
  ///
  /// - Throws: ``AppConfigurationError`` where it is not a valid one.
  public func get<Value: PathValue>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
    guard let text = self[key] else { return nil }
    // The text is not shown: it may be a secret.
    guard let value = Value.from(pathValue: text) else {
      throw AppConfigurationError("the configuration's '\(key)' is not a valid \(type)")
    }
    return value
  }

  /// As ``get(_:as:)``, with what it is where there is none.
  public func get<Value: PathValue>(_ key: String, default value: Value) throws -> Value {
    try get(key, as: Value.self) ?? value
  }

  /// As ``get(_:as:)`` where there must be one.
  public func require<Value: PathValue>(_ key: String, as type: Value.Type = Value.self) throws -> Value {
    guard let value = try get(key, as: type) else {
      let name = state.withLock { $0.prefix + key }
      throw AppConfigurationError("the configuration has no '\(key)': set \(name) in the environment, or in a file")
    }
    return value
  }

  /// Reads values from a file: `KEY=value`, one a line; empty lines, and lines that begin with `#`, are left out, and a value may
  /// stand in quotes. A path that does not begin with `/` is one from the working directory.
  ///
  /// - Throws: ``AppConfigurationError`` where the file cannot be read, or a line is not one of these.
  public func load(_ path: String) throws {
    let values = try EnvironmentFile.read(path)
    state.withLock { $0.files.merge(values) { _, new in new } }
  }
}
