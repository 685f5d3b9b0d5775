/// Bounds how many lines a second clients can cause: the first few are written, the others counted.
struct LogRate {
  static let most = 10
  private static let second: Int64 = 1_000_000_000

  private var began: Int64 = .min
  private var written = 0
  private var omitted = 0

  /// Asks for a line at a moment in nanoseconds of `CLOCK_MONOTONIC`.
  ///
  /// - Returns: whether it is written, and how many were not in the seconds before, which is to be told once.
  mutating func next(at now: Int64) -> (isWritten: Bool, omitted: Int) {
    if now.subtractingReportingOverflow(began).overflow || now - began >= Self.second {
      let before = omitted
      (began, written, omitted) = (now, 1, 0)
      return (true, before)
    }
    if written < Self.most {
      written += 1
      return (true, 0)
    }
    omitted += 1
    return (false, 0)
  }

  /// How many lines have been omitted that nobody has been told of.
  mutating func takeOmitted() -> Int {
    defer { omitted = 0 }
    return omitted
  }
}
