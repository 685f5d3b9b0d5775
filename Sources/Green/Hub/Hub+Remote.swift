internal import CFiber

extension Hub {
  /// The one door into a hub for code on other threads. Everything else of a hub and its fibers belongs to the hub's
  /// thread, which debug builds assert.
  ///
  /// As long as somebody holds one, a hub whose fibers all wait is not taken for deadlocked.
  public final class Remote: Sendable {
    private let wakes: RemoteWakes

    fileprivate init(_ wakes: RemoteWakes) {
      self.wakes = wakes
      wakes.addOutsider()
    }

    deinit { wakes.removeOutsider() }

    /// Runs `body` in a new fiber on the hub's thread, soon; where no stack can be had, once there is one. May be called on
    /// any thread, and does not wait.
    ///
    /// - Returns: `false` when the hub has ended: then `body` does not run.
    @discardableResult
    public func spawn(name: String? = nil, _ body: @escaping @Sendable () -> Void) -> Bool {
      wakes.post { Hub.current?.startPromised(name: name, body) }
    }

    /// Runs `body` on the hub's thread, outside any fiber, soon: it must not park. It may set an event, resolve a promise,
    /// cancel a fiber. May be called on any thread, and does not wait.
    ///
    /// - Returns: `false` when the hub has ended: then `body` does not run.
    @discardableResult
    public func run(_ body: @escaping @Sendable () -> Void) -> Bool { wakes.post(body) }
  }

  /// As ``Remote``, but who holds one is not taken for somebody who may wake the hub.
  package struct Door: Sendable {
    fileprivate let wakes: RemoteWakes

    /// See ``Remote/run(_:)``.
    @discardableResult
    package func post(_ body: @escaping @Sendable () -> Void) -> Bool { wakes.post(body) }

    /// Whether the calling thread runs the hub that it leads to.
    package var isHere: Bool { Hub.current?.remoteWakes === wakes }
  }

  package var door: Door { Door(wakes: remoteWakes) }

  /// A handle for other threads, see ``Remote``.
  public var remote: Remote { Remote(remoteWakes) }
}
