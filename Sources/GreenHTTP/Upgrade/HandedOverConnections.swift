internal import Green

/// The connections of a server that speak other protocols: what its stop must tell.
package final class HandedOverConnections: Sendable {
  private struct State {
    var open: [UInt64: StopNotice] = [:]
    var latest: UInt64 = 0
    var isStopping = false
  }

  private let state = Guarded(State())

  package init() {}

  /// Has a connection speak its protocol, which hears of a stop meanwhile. As ``HandedOverConnection/speak(report:)``.
  package func speak(_ connection: HandedOverConnection, report: (any Error) -> Void) {
    let (number, isStopping) = state.withLock { state in
      state.latest += 1
      state.open[state.latest] = connection.notice
      return (state.latest, state.isStopping)
    }
    defer { state.withLock { $0.open[number] = nil } }
    if isStopping { connection.notice.give() }
    connection.speak(report: report)
  }

  /// The server stops: those that come later are told as they come.
  ///
  /// - Returns: the notices of those that are open, which the caller gives.
  package func stop() -> [StopNotice] {
    state.withLock { state in
      state.isStopping = true
      // In the order in which they came: that of a dictionary is another in each process.
      return state.open.sorted { $0.key < $1.key }.map(\.value)
    }
  }
}
