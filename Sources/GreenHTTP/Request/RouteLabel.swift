internal import Green

/// The pattern of a route, for metrics and logs. There is one for each text, and it stays: a request that refers to one
/// counts no reference.
package final class RouteLabel: Sendable {
  /// As it was written: `/users/{id}`.
  package let text: String

  private static let known = Guarded<[String: RouteLabel]>([:])

  private init(_ text: String) { self.text = text }

  /// The label of a pattern.
  package static func of(_ text: String) -> RouteLabel {
    known.withLock { known in
      if let label = known[text] { return label }
      let label = RouteLabel(text)
      known[text] = label
      return label
    }
  }
}

extension Request {
  /// The pattern of the route that was found for the request, `/users/{id}`, behind that of its hosts where it is for some alone,
  /// `api.example.com/users/{id}`; `nil` where there is none. It is what metrics are
  /// counted by: a path is the client's to choose, and there may be any number of them.
  public var route: String? { storage.state.pointee.route?._withUnsafeGuaranteedRef { $0.text } }

  /// Notes the route. Done by the code that answers the request, before anybody else has it.
  @inline(__always)
  package func noteRoute(_ label: Unmanaged<RouteLabel>?) { storage.state.pointee.route = label }
}
