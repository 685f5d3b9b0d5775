/// So many elements of a ``BroadcastChannel`` came that a receiver has lost the oldest.
public struct BroadcastLag: Error, Hashable, CustomStringConvertible {
  /// How many were lost.
  public let missed: Int

  public var description: String {
    "the receiver was so far behind that \(missed) element\(missed == 1 ? "" : "s") of the broadcast are lost to it"
  }
}
