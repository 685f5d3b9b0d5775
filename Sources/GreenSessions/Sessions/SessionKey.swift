/// The name of a value of sessions, with its type.
///
/// ```swift
/// enum Keys { static let user = SessionKey<Int>("user") }
///
/// request.session[Keys.user] = user.id
/// ```
public struct SessionKey<Value: Codable & Sendable>: Sendable {
  /// What it is called in the session, which may be older than the program: the name of another type of value must be another.
  public let name: String

  /// A key by its name.
  public init(_ name: String) { self.name = name }
}
