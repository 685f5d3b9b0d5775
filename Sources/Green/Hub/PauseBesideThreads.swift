/// How long a hub waits whose fibers other threads alone may wake, before it looks whether there still are any: a second
/// at first, and twice as long each time that nothing has happened, up to half a minute unless said otherwise. So a thread that lives as long
/// as the process costs next to nothing, and that the last has ended is seen after twice the time that it took, at most.
struct PauseBesideThreads {
  private static let first: Int64 = 1_000_000_000
  private static let longest: Int64 = 30_000_000_000

  private var longest = Self.longest
  private var pause = Self.first
  private var switches: UInt64 = .max

  /// What is looked at whenever the hub goes to sleep is to be looked at so often, in nanoseconds; no more often than each second.
  mutating func bound(by period: Int64) { longest = max(Self.first, min(period, longest)) }

  /// - Parameter switches: how often a fiber has been resumed so far.
  /// - Returns: nanoseconds.
  mutating func next(after switches: UInt64) -> Int64 {
    pause = switches == self.switches ? min(2 * pause, longest) : Self.first
    self.switches = switches
    return pause
  }
}
