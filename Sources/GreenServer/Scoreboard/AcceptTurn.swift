/// Whose turn it is to accept a connection, where several workers wait at one listening socket.
///
/// The kernel wakes whom it likes, most often the same one: over 400 connections and 4 workers plain `epoll` gives 291,
/// 41, 36 and 32. So a worker that has had more than the idlest of its siblings lets the others go first: it looks again
/// after ``delay``, and takes the connection if it is still there. That comes to about 100 each.
///
/// A wait costs nothing where connections come one by one, and much where they come all the time. Then a worker may be
/// ahead by ``lead``, and it does not wait a second time for a sibling that has connections and accepted nothing since:
/// that one is busy with a request, and waiting would only make two idle.
package struct AcceptTurn {
  /// What a worker's slot tells its siblings.
  package struct Seat: Equatable, Sendable {
    /// Whether the worker is ready and has room for one more connection.
    package var takesPart: Bool
    /// Connections it has accepted. A replacement begins with the lowest of its siblings' counts, so that it is
    /// neither flooded nor left out.
    package var accepted: UInt64
    /// Connections it has open.
    package var open: UInt64

    package init(takesPart: Bool, accepted: UInt64, open: UInt64) {
      self.takesPart = takesPart
      self.accepted = accepted
      self.open = open
    }

    /// An open connection weighs four times one that has been: what a worker has to do now counts more than what it
    /// has done.
    package var score: UInt64 { accepted &+ 4 &* open }
  }

  /// How long a worker that yields leaves a connection to the others, in nanoseconds.
  package static let delay: Int64 = 250_000
  /// Connections that come in shorter intervals come all the time, in nanoseconds.
  package static let interval: Int64 = 5_000_000
  /// By how much a worker's score may exceed a sibling's meanwhile.
  package static let lead: UInt64 = 8

  /// When a connection last was there.
  private var last: Int64?
  /// The last time the worker left one to its siblings: its score then, and what those that it waited for had accepted.
  private var yielded: (score: UInt64, accepted: UInt64)?

  package init() {}

  /// Whether a worker, at a time in nanoseconds, should leave a connection to its siblings for ``delay``: where one has a
  /// lower score, or where it has no room itself and one has. Costs a cache line each of them.
  package mutating func yields(_ own: Seat, to siblings: some Sequence<Seat>, at now: Int64) -> Bool {
    let comeAllTheTime = last.map { now - $0 < Self.interval } ?? false
    last = now
    let lower = Self.lower(than: own, by: comeAllTheTime ? Self.lead : 0, siblings)
    guard lower.count > 0 else { return false }
    if comeAllTheTime, !lower.hasIdle, let yielded, yielded.accepted == lower.accepted,
      own.score < yielded.score + Self.lead
    {
      return false
    }
    yielded = (own.score, lower.accepted)
    return true
  }

  /// Whether a worker that has just accepted a connection should serve that one before it takes another.
  package static func isAhead(_ own: Seat, of siblings: some Sequence<Seat>) -> Bool {
    lower(than: own, by: lead, siblings).count > 0
  }

  /// The siblings for which a worker is too far ahead, how many connections those have accepted, and whether one of them
  /// has none open.
  private static func lower(
    than own: Seat, by lead: UInt64, _ siblings: some Sequence<Seat>
  ) -> (count: Int, accepted: UInt64, hasIdle: Bool) {
    var found = (count: 0, accepted: UInt64(0), hasIdle: false)
    for sibling in siblings where sibling.takesPart {
      // Of many that are open, one in sixteen more is still even.
      let allowed = lead > 0 ? lead &+ sibling.open / 4 : 0
      if !own.takesPart || sibling.score &+ allowed < own.score {
        found = (found.count + 1, found.accepted &+ sibling.accepted, found.hasIdle || sibling.open == 0)
      }
    }
    return found
  }

  /// The count with which a new worker begins.
  package static func firstCount(among siblings: some Sequence<Seat>) -> UInt64 {
    siblings.lazy.filter(\.takesPart).map(\.accepted).min() ?? 0
  }
}
