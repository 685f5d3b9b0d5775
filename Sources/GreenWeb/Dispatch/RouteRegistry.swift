internal import Green
internal import HTTPTypes

/// An application's routes, and the dispatcher that is made of them.
///
/// A dispatcher never changes. It is made at the first request after something was added, and one that is replaced is kept
/// until the application goes, because a request may be using it: an application is set up at its start, so that there is one
/// dispatcher as a rule, and a few at most.
final class RouteRegistry: Sendable {
  private struct State {
    var routes: [RouteEntry] = []
    /// Each route's place in `routes`, by the requests it answers.
    var places: [RouteEntry.Requests: Int] = [:]
    /// Which blueprints' all paths below a prefix are, registered or not: the outermost blueprint first.
    var owners: [PathOwner] = []
    /// Keeps every dispatcher alive that was ever in force.
    var dispatchers: [Dispatcher] = []
  }

  private let state = Guarded(State())
  let slot = TableSlot()

  /// Adds a route, unless there is one for the same requests: that is returned.
  func add(_ route: RouteEntry) -> RouteEntry? {
    let other = state.withLock { state -> RouteEntry? in
      let requests = route.requests
      if let place = state.places[requests] { return state.routes[place] }
      state.places[requests] = state.routes.count
      state.routes.append(route)
      return nil
    }
    if other == nil {
      route.record.attach(to: slot, as: route.pattern.text)
      for scope in route.scopes { scope.attach(to: slot) }
      slot.invalidate()
    }
    return other
  }

  /// Notes that the paths below a prefix belong to a blueprint.
  func add(_ owner: PathOwner) {
    state.withLock { $0.owners.append(owner) }
    for scope in owner.scopes { scope.attach(to: slot) }
    slot.invalidate()
  }

  /// All routes, in the order in which they were added.
  var all: [RouteEntry] { state.withLock { $0.routes } }

  /// The dispatcher in force; `nil` where it must be made first.
  var inForce: Unmanaged<Dispatcher>? {
    // Unsafe: the address is that of an element of `dispatchers`, which only grows and lives as long as this object.
    @inline(__always) get { slot.address.map { .fromOpaque($0) } }
  }

  /// Makes a dispatcher of what there is now.
  func makeDispatcher(_ make: ([RouteEntry], [PathOwner]) -> Dispatcher) -> Dispatcher {
    let changes = slot.changes
    let (routes, owners) = state.withLock { ($0.routes, $0.owners) }
    let dispatcher = make(routes, owners)
    state.withLock { $0.dispatchers.append(dispatcher) }
    slot.publish(Unmanaged.passUnretained(dispatcher).toOpaque(), after: changes)
    return dispatcher
  }
}
