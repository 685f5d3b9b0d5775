internal import CFiber

/// A function that is called at each switch, until this is removed. See ``Hub/onSwitch(_:)``.
public final class SwitchHook: HubExtension {
  private let body: (FiberSwitch) -> Void
  private weak var hub: Hub?

  init(_ body: @escaping (FiberSwitch) -> Void, _ hub: Hub) {
    self.body = body
    self.hub = hub
  }

  package var moments: HubMoments { .switches }

  package func fiberSwitches(from: FiberHandle, to: FiberHandle) {
    if from.pointer != to.pointer { body(FiberSwitch(from: .init(from.pointer), to: .init(to.pointer))) }
  }

  /// The function is not called any more. Removing it twice does nothing. On the hub's thread.
  public func remove() {
    hub?.detach(self)
    hub = nil
  }
}
