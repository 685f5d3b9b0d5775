/// What a ``Pool`` is doing at a moment.
public struct PoolStatistics: Sendable, Hashable {
  /// The most connections there may be.
  public let limit: Int
  /// Connections that there are or are being made.
  public let open: Int
  /// Those of them that nobody uses.
  public let idle: Int
  /// Callers that wait for one.
  public let waiting: Int
}
