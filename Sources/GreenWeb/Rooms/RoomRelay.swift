/// What takes the messages of ``Rooms`` from one worker to all.
public protocol RoomRelay: Sendable {
  /// Has `deliver` called with each message of a room, in this worker's turn, and not with those that were sent before
  /// it returns. It is called for each member: all but the first find that the room is listened to. May park or block;
  /// `deliver` does neither.
  func listen(to room: String, _ deliver: @escaping @Sendable ([UInt8]) -> Void) throws

  /// Takes no further messages of a room, whose last member has left. Does not wait.
  func leave(_ room: String)

  /// Sends a message to all workers that listen to a room, this one too. May park or block.
  func send(_ bytes: [UInt8], to room: String) throws
}
