internal import Green

extension Deadline {
  /// The deadline that lies so many nanoseconds after this moment, up to 4 ms late.
  ///
  /// It reads the coarse clock, which costs a quarter of the exact one and stands still between ticks. A request needs
  /// two such readings, and its deadlines are seconds.
  @inline(__always)
  static func coarselyAfter(nanoseconds: Int64) -> Deadline {
    let tick: Int64 = 4_000_000
    let start = Deadline.coarseNow.nanoseconds &+ tick
    let (sum, overflow) = start.addingReportingOverflow(nanoseconds)
    return overflow ? .never : Deadline(nanoseconds: sum)
  }
}
