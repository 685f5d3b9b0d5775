internal import Green
internal import HTTPTypes
internal import Synchronization

/// An application's routes, and the table they are matched by, which is read without a lock.
///
/// A table never changes. It is made at the first request after a route was added, and one that is replaced is kept
/// until the application goes, because a request may be using it: routes are added at start-up, so that there is one
/// table as a rule, and a few at most.
final class RouteRegistry: Sendable {
  private struct State {
    var routes: [Route] = []
    /// Each route's place in `routes`, by the requests it answers.
    var places: [Route.Requests: Int] = [:]
    /// Keeps every table alive that was ever in force.
    var tables: [RouteTable] = []
  }

  private let state = Guarded(State())
  /// The address of the table in force, unretained; 0 when it must be made from the routes first. Stored under the lock,
  /// so that a table that lacks a route cannot replace the order to make another.
  private let current = Atomic<UInt>(0)

  /// Adds a route, unless there is one for the same requests: that is returned.
  func add(_ route: Route) -> Route? {
    state.withLock { state in
      if let place = state.places[route.requests] { return state.routes[place] }
      state.places[route.requests] = state.routes.count
      state.routes.append(route)
      current.store(0, ordering: .releasing)
      return nil
    }
  }

  /// All routes, in the order in which they were added.
  var all: [Route] { state.withLock { $0.routes } }

  /// Calls `body` with the table in force.
  @inline(__always)
  func withTable<Result>(_ body: (RouteTable) throws -> Result) rethrows -> Result {
    guard let address = UnsafeRawPointer(bitPattern: current.load(ordering: .acquiring)) else {
      return try body(makeTable())
    }
    // Unsafe: the address is that of an element of `tables`, which only grows and lives as long as this object.
    return try Unmanaged<RouteTable>.fromOpaque(address)._withUnsafeGuaranteedRef { try body($0) }
  }

  @inline(never)
  private func makeTable() -> RouteTable {
    state.withLock { state in
      let table = RouteTable(state.routes)
      state.tables.append(table)
      current.store(UInt(bitPattern: Unmanaged.passUnretained(table).toOpaque()), ordering: .releasing)
      return table
    }
  }
}
