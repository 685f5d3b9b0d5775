internal import CFiber

/// One switch, as ``Hub/onSwitch(_:)`` tells it.
public struct FiberSwitch: Sendable {
  /// A fiber, or the hub's own loop.
  public struct Side: Sendable {
    /// 0 for the loop.
    public let id: UInt64
    private let nameBytes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// The fiber's name, empty for the loop.
    public var name: String {
      withUnsafeBytes(of: nameBytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    init(_ fiber: FiberPointer) {
      let isFiber = fiber.pointee.slab != nil
      id = isFiber ? fiber.pointee.id : 0
      // Copied as it is: a string for each switch would cost more than the switch.
      nameBytes = isFiber ? unsafeBitCast(fiber.pointee.name, to: type(of: nameBytes)) : (0, 0, 0, 0, 0, 0, 0, 0)
    }
  }

  /// Who gives the thread back: it waits, gives way, or has ended.
  public let from: Side
  /// Who goes on.
  public let to: Side
}

/// A function that is called at each switch, until this is removed. See ``Hub/onSwitch(_:)``.
public final class SwitchHook: HubExtension {
  fileprivate let body: (FiberSwitch) -> Void
  fileprivate weak var hub: Hub?

  fileprivate init(_ body: @escaping (FiberSwitch) -> Void, _ hub: Hub) {
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
