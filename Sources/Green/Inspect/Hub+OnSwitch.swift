internal import CFiber

extension Hub {
  /// Calls `body` at each switch of the hub's thread from one fiber to another, to the hub's loop and back: for tracers
  /// and profilers. To be called on the hub's thread.
  ///
  /// It runs on the stack of the fiber that gives the thread back, and must not park; fibers that it spawns or wakes run later. A
  /// switch costs some 50 ns more for each hook, and nothing where there is none.
  @discardableResult
  public func onSwitch(_ body: @escaping (FiberSwitch) -> Void) -> SwitchHook {
    let hook = SwitchHook(body, self)
    attach(hook)
    return hook
  }
}
