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
/// A value is looked for in the environment first, then in the files that were loaded, the last first, then in what the program has set.
/// It is not the server's configuration, which has options of its own.
public final class AppConfiguration: Sendable {
  private let state = Guarded(State())

  private struct State {
    var prefix = ""
    var own: [String: String] = [:]
    var files: [String: String] = [:]
  }

  init() {}

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

/// An application is told nothing, or nothing that makes sense.
public struct AppConfigurationError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, and what would be right.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Files of `KEY=value`.
private enum EnvironmentFile {
  static func read(_ path: String) throws -> [String: String] {
    guard let file = fopen(path, "re") else {
      throw AppConfigurationError("the configuration '\(path)' cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    var values: [String: String] = [:]
    for (number, line) in String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .enumerated() {
      guard let (key, value) = try pair(line, at: "\(path):\(number + 1)") else { continue }
      values[key] = value
    }
    return values
  }

  private static func pair(_ line: Substring, at place: String) throws -> (String, String)? {
    var line = trimmed(line)
    if line.isEmpty || line.first == "#" { return nil }
    if line.hasPrefix("export ") { line = trimmed(line.dropFirst(7)) }
    guard let mark = line.firstIndex(of: "=") else { throw AppConfigurationError("\(place) is not KEY=value") }
    let key = trimmed(line[..<mark])
    var value = trimmed(line[line.index(after: mark)...])
    if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
      value = value.dropFirst().dropLast()
    }
    guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "-" }) else {
      throw AppConfigurationError("\(place) is not KEY=value")
    }
    return (String(key), String(value))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
