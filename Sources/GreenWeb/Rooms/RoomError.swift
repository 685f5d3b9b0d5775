/// Why a member is in its room no more.
public enum RoomError: Error, Sendable, Equatable, CustomStringConvertible {
  /// It left more messages waiting than it may.
  case tooSlow(String)

  public var description: String {
    switch self {
    case .tooSlow(let room): "the member of room '\(room)' was too slow, and was put out of it"
    }
  }
}
