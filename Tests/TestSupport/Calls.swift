internal import class Green.Mutex

/// What was called, in order.
public final class Calls: Sendable {
  private let names = Mutex<[String]>([])

  public init() {}

  public func add(_ name: String) { names.withLock { $0.append(name) } }

  public var all: [String] { names.withLock { $0 } }
  public func take() -> [String] {
    names.withLock { names in
      defer { names = [] }
      return names
    }
  }
}
