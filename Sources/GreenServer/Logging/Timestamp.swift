import Glibc

/// A moment to the nanosecond, for logs that machines read.
struct Timestamp {
  private let seconds: Int
  private let nanoseconds: Int

  init(seconds: Int, nanoseconds: Int = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  /// `2026-11-22T09:21:01.123+00:00` in the local time zone: RFC 3339, with so many digits of a second, at most 9.
  func rfc3339(digits: Int) -> String {
    let local = LocalTime(secondsSince1970: seconds)
    let fraction = String(1_000_000_000 + nanoseconds).dropFirst().prefix(digits)
    let zone = local.zone
    return "\(local.date)T\(local.clock).\(fraction)\(zone.dropLast(2)):\(zone.suffix(2))"
  }

  /// `Nov 22 09:21:01` in the local time zone: RFC 3164, 4.1.2.
  var rfc3164: String { LocalTime(secondsSince1970: seconds).syslog }
}
