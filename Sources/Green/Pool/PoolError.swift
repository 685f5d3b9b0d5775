/// Why a ``Pool`` gives no connection.
public enum PoolError: Error, Equatable, CustomStringConvertible {
  /// All connections were in use for as long as one may wait. A web application answers `503` with `Retry-After`.
  case exhausted(limit: Int, waited: Duration)
  /// The caller holds a connection of the pool, all are in use, and it asked for a second one: several that do so would wait
  /// for each other.
  case nested(limit: Int)
  /// The pool was closed.
  case closed

  public var description: String {
    switch self {
    case .exhausted(let limit, let waited):
      "none of the pool's \(limit) connections was free within \(waited): raise their number, or hold them for less long"
    case .nested(let limit):
      "all \(limit) connections of the pool are in use, and the code that asks for one holds one already: use that one, the "
        + "parameter of the closure, instead of the pool"
    case .closed: "the pool of connections is closed"
    }
  }
}
