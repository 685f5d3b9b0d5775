public import Green

/// One who hears what is said in a room. It has to ``leave()``: the room keeps it until then.
public final class RoomMember: Sendable {
  /// The room's name.
  public let room: String
  private let rooms: Rooms
  private let messages: Channel<RoomMessage>
  private let wasTooSlow = Guarded(false)

  init(_ room: String, in rooms: Rooms, limit: Int) {
    self.room = room
    self.rooms = rooms
    messages = Channel(capacity: limit)
  }

  /// The next message; `nil` once it has left. Parks or blocks until there is one.
  ///
  /// - Throws: ``RoomError/tooSlow(_:)`` where it was put out of the room, after what it still holds; `Errno.timedOut`
  ///   at the deadline; `CancellationError` and `TimeoutError` as every wait.
  public func next(until deadline: Deadline = .never) throws -> RoomMessage? {
    if let message = try messages.receive(until: deadline) { return message }
    if wasTooSlow.withLock({ $0 }) { throw RoomError.tooSlow(room) }
    return nil
  }

  /// Leaves the room: whoever waits for a message gets `nil`.
  public func leave() {
    messages.close()
    rooms.remove(self)
  }

  func deliver(_ bytes: [UInt8]) {
    do {
      if try messages.trySend(RoomMessage(bytes: bytes)) { return }
      wasTooSlow.withLock { $0 = true }
      leave()
    } catch {
      // It has left.
    }
  }
}
