/// What a client's conditions say about a request: RFC 9110, 13.2.
public enum Precondition: Sendable, Hashable {
  /// There are none, or they hold: the request is performed.
  case holds
  /// The client has this state already: `304 (Not Modified)`.
  case notModified
  /// The client means another state: `412 (Precondition Failed)`.
  case failed
}
