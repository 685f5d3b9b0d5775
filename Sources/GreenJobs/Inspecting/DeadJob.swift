/// A job that is tried no more.
public struct DeadJob: Sendable, Codable, Equatable {
  /// Its identity.
  public var id: String
  /// The name of its kind.
  public var kind: String
  /// What it was given, as JSON.
  public var payload: String
  /// How often it was tried.
  public var attempts: Int
  /// Why the last attempt failed.
  public var error: String
  /// When that was, in milliseconds since 1970.
  public var time: Int
}
