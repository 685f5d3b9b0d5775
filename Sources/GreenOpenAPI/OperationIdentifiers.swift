internal import GreenWeb
internal import HTTPTypes

/// What operations are called, each by another name (OpenAPI 3.1, 4.8.10): by that of its route, and where several have that,
/// the others by their methods and by numbers too.
struct OperationIdentifiers {
  private let names: Set<String>
  private var given: Set<String> = []

  init(_ routes: [RouteDescription]) { names = Set(routes.compactMap(\.name)) }

  /// The next operation's; `nil` where its route has no name.
  mutating func next(for route: RouteDescription) -> String? {
    guard let name = route.name else { return nil }
    if given.insert(name).inserted { return name }
    let own = "\(name)_\(route.method.rawValue.lowercased())"
    var identifier = own
    var number = 2
    while names.contains(identifier) || !given.insert(identifier).inserted {
      identifier = "\(own)_\(number)"
      number += 1
    }
    return identifier
  }
}
