/// What a handler is told about its job.
public struct Job: Sendable {
  /// Its identity: the same at each attempt.
  public let id: String
  /// Which attempt it is, from 1.
  public let attempt: Int
}
