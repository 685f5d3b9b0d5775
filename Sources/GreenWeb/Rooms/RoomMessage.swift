/// What was said in a room.
public struct RoomMessage: Sendable, Hashable {
  /// What was said.
  public let bytes: [UInt8]

  /// What was said, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
