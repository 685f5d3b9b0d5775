internal import Greenfinch

import class Green.Mutex

/// Prices that requests ask for and a service keeps fresh.
public final class Prices: Sendable {
  private let state = Mutex((version: 0, isBroken: false, farewell: Duration.milliseconds(50)))

  public init() {}

  /// How often they have been fetched.
  public var version: Int { state.withLock { $0.version } }

  /// Makes the next fetch fail.
  public func breakDown() { state.withLock { $0.isBroken = true } }

  /// How long the service takes to put things in order at its end.
  public var farewell: Duration {
    get { state.withLock { $0.farewell } }
    set { state.withLock { $0.farewell = newValue } }
  }

  func fetch() throws {
    try state.withLock { state in
      if state.isBroken { throw SourceIsGone() }
      state.version += 1
    }
  }
}

struct SourceIsGone: Error, CustomStringConvertible {
  var description: String { "the source of the prices is gone" }
}
