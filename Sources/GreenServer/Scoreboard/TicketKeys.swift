import CProcess

/// The keys of session tickets, on the ``Scoreboard``: the master makes them, all workers use them, so that each goes on with
/// the others' sessions. After an hour there is another, and after three hours nobody knows it any more, so that nobody can
/// read what was sent with a session that it has kept.
struct TicketKeys: Sendable {
  private let scoreboard: Scoreboard
  /// When the next is due, in nanoseconds of `CLOCK_MONOTONIC`.
  private(set) var due: Int64 = 0

  private static let interval: Int64 = 3_600_000_000_000

  /// For the master.
  init(on scoreboard: Scoreboard) { self.scoreboard = scoreboard }

  /// Takes over the keys that another server's workers use, so that its clients' sessions go on here. There is another when
  /// these have had their time.
  mutating func takeOver(from other: Scoreboard, at now: Int64) {
    let keys = other.ticketKeys
    guard !keys.isEmpty else { return }
    for key in keys.reversed() { scoreboard.addTicketKey(key) }
    due = now + Self.interval
  }

  /// Makes another key, if it is time.
  mutating func renew(at now: Int64) {
    guard now >= due else { return }
    // The system's generator, which is fit for keys: getrandom(2).
    var generator = SystemRandomNumberGenerator()
    let key = (0..<Int(CPROCESS_TICKET_KEY_BYTES)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    scoreboard.addTicketKey(key)
    due = now + Self.interval
  }
}
