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
