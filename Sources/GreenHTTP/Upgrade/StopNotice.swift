internal import Green

/// How the protocol that a connection has changed to hears that its server stops.
package final class StopNotice: Sendable {
  private struct State {
    var isGiven = false
    var action: (@Sendable () -> Void)?
  }

  private let state = Guarded(State())

  /// What the protocol does then: called once, and at once where the server stops already. It may park or block, as long as
  /// the protocol is spoken.
  package func whenGiven(_ action: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      if !state.isGiven { state.action = action }
      return state.isGiven
    }
    if isLate { action() }
  }

  /// Tells the protocol, if it has asked for that. Parks or blocks as long as it does.
  package func give() {
    let action = state.withLock { state in
      state.isGiven = true
      return state.action.take()
    }
    action?()
  }

  /// Gives each in a fiber of the calling hub. Returns before they have said what they have to.
  package static func give(_ notices: [StopNotice]) {
    for notice in notices { Fiber.spawn(name: "going away") { notice.give() } }
  }
}
