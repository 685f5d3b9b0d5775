import class Green.Mutex

/// What was called, in order.
final class Calls: Sendable {
  private let names = Mutex<[String]>([])

  func add(_ name: String) { names.withLock { $0.append(name) } }

  var all: [String] { names.withLock { $0 } }
  func take() -> [String] {
    names.withLock { names in
      defer { names = [] }
      return names
    }
  }
}
