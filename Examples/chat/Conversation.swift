import Glibc
import GreenRedis
import GreenWebSocket
import Greenfinch

/// One visitor in one room: two fibers, of which one hears what is said there and the other says what comes from the browser.
final class Conversation: Sendable {
  private let socket: WebSocket
  private let room: String
  private let name: String
  private let visit = "\(getpid())-\(UInt64.random(in: 0...(.max)))"

  init(_ socket: WebSocket, room: String, name: String) {
    (self.socket, self.room, self.name) = (socket, room, name)
  }

  func run() throws {
    let member = try rooms.join(room)
    defer { member.leave() }
    for line in try history().reversed() { try socket.send(line) }
    try appear()
    defer { disappear() }
    let listening = Fiber.spawn {
      do {
        try self.listen(member)
      } catch is CancellationError {
        // The conversation has ended.
      } catch {
        self.socket.close(.goingAway)  // the browser comes again
      }
    }
    defer { listening.cancel() }
    while let message = try socket.receive() {
      guard case .text(let text) = message, !text.isEmpty else { continue }
      try say(Event(kind: .said, name: name, text: String(text.prefix(2000)), worker: Int(getpid())))
    }
  }

  /// Sends the browser what is said, and notes now and then that the visitor is still there.
  private func listen(_ member: RoomMember) throws {
    var due = Deadline.after(.seconds(10))
    while true {
      if due.hasPassed {
        try presence.note(name, visit: visit, in: room)
        due = .after(.seconds(10))
      }
      let heard: RoomMessage?
      do {
        heard = try member.next(until: due)
      } catch let error as Errno where error == .timedOut {
        continue
      }
      guard let heard else { return }
      try socket.send(heard.text)
    }
  }

  private func say(_ event: Event) throws {
    let line = try event.json()
    try redis.pipeline { pipeline in
      pipeline.add("LPUSH", historyKey, line)
      pipeline.add("LTRIM", historyKey, 0, 49)
    }
    try rooms.broadcast(line, to: room)
  }

  private func appear() throws {
    try presence.note(name, visit: visit, in: room)
    try tellWhoIsThere()
  }

  /// Whatever ended the conversation: a fiber that is cancelled may still tell the others.
  private func disappear() {
    withShield {
      try? presence.forget(name, visit: visit, in: room)
      try? tellWhoIsThere()
    }
  }

  private func tellWhoIsThere() throws {
    try rooms.broadcast(Event(kind: .present, names: presence.names(in: room)).json(), to: room)
  }

  private func history() throws -> [String] {
    try redis.command("LRANGE", historyKey, 0, 49).array?.compactMap(\.string) ?? []
  }

  private var historyKey: String { "chat:history:\(room)" }
}
