import CGreenPython
import Green
import GreenServer

/// What Python leaves to a process's main thread, in a green worker, where no Python runs in it but in fibers that are
/// threads of their own: handlers of signals that the application has set when it was imported, and calls that others
/// ask that thread for.
///
/// Unsafe: the host's functions may be called by any thread.
struct MainThread: @unchecked Sendable {
  /// How soon they are called at the latest, while the hub has its turns.
  private static let interval = Duration.seconds(1)

  private let host: greenpython_host

  init(_ host: greenpython_host) { self.host = host }

  /// Has a fiber of the hub, which is that thread to Python, look after them from now on.
  @Sendable func start() throws {
    guard let hub = Hub.current, let turn = host.main_turn else { return }
    try Fiber<Void>.spawnAlone(on: hub, name: "python main") {
      while true {
        do { try Fiber.sleep(for: Self.interval) } catch { return }
        turn()
        PreforkServer.endIfChild()
      }
    }
  }
}
