internal import Green

/// Who hears whom: members of rooms, to which messages are sent by whoever knows the room's name.
///
/// ```swift
/// let rooms = Rooms(over: RedisRelay(redis))   // all workers on all machines; Rooms() is this process alone
///
/// app.webSocket("/chat/{room}") { request, socket in
///   let member = try rooms.join(try request.parameters.require("room", as: String.self))
///   Fiber.spawn { while let message = try member.next() { try socket.send(message.text) } }
///   defer { member.leave() }
///   while let message = try socket.receive() { try rooms.broadcast(message.text, to: member.room) }
/// }
/// ```
///
/// Server-sent events are the same: the handler of a stream takes what its member is sent.
///
/// Each member holds so many messages that it has not taken yet, and no more: one that is too slow for its room is put out of it.
public final class Rooms: Sendable {
  private let relay: (any RoomRelay)?
  private let limit: Int
  private let members = Guarded<[String: [RoomMember]]>([:])

  /// - Parameters:
  ///   - relay: what takes messages to other workers; without one they stay in this process.
  ///   - limit: how many messages a member may leave waiting.
  public init(over relay: (any RoomRelay)? = nil, limit: Int = 256) {
    self.relay = relay
    self.limit = max(1, limit)
  }

  /// Makes a new member of a room, which is sent what is broadcast from now on. Parks or blocks until the relay knows of it.
  ///
  /// - Throws: what the relay throws.
  public func join(_ room: String) throws -> RoomMember {
    let member = RoomMember(room, in: self, limit: limit)
    members.withLock { $0[room, default: []].append(member) }
    do {
      try listen(to: room)
    } catch {
      member.leave()
      throw error
    }
    return member
  }

  /// Sends bytes to all members of a room, of all workers. Parks or blocks until the relay has them; never for members.
  ///
  /// - Throws: what the relay throws.
  public func broadcast(_ bytes: [UInt8], to room: String) throws {
    if let relay { return try relay.send(bytes, to: room) }
    deliver(bytes, to: room)
  }

  /// As ``broadcast(_:to:)-([UInt8],_)``, of text.
  public func broadcast(_ text: String, to room: String) throws { try broadcast([UInt8](text.utf8), to: room) }

  /// How many members a room has in this process.
  public func count(of room: String) -> Int { members.withLock { $0[room]?.count ?? 0 } }

  private func listen(to room: String) throws {
    try relay?.listen(to: room) { [weak self] bytes in self?.deliver(bytes, to: room) }
  }

  private func deliver(_ bytes: [UInt8], to room: String) {
    for member in members.withLock({ $0[room] ?? [] }) { member.deliver(bytes) }
  }

  func remove(_ member: RoomMember) {
    let isEmpty = members.withLock { members in
      guard let index = members[member.room]?.firstIndex(where: { $0 === member }) else { return false }
      members[member.room]?.remove(at: index)
      guard members[member.room]?.isEmpty == true else { return false }
      members[member.room] = nil
      return true
    }
    guard isEmpty, let relay else { return }
    relay.leave(member.room)
    // Somebody has joined meanwhile, and found it listened to. The caller may be the one who takes messages: it must not wait.
    if count(of: member.room) > 0 { Fiber<Void>.spawn { try? self.listen(to: member.room) } }
  }
}
