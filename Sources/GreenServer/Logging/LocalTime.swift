import Glibc

/// A moment in the local time zone, as the logs write it.
package struct LocalTime {
  private var parts: tm

  /// The local time of a number of seconds since 1970.
  package init(secondsSince1970 seconds: Int) {
    var seconds = time_t(seconds)
    parts = tm()
    // Unlike localtime, localtime_r need not look at TZ by itself.
    _ = Self.zoneIsKnown
    localtime_r(&seconds, &parts)
  }

  package static var now: LocalTime { LocalTime(secondsSince1970: time(nil)) }

  private static let zoneIsKnown: Void = tzset()

  /// `2026-11-22`
  var date: String { "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))" }
  /// `09:00:00`
  var clock: String { "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))" }
  /// `+0000`
  var zone: String {
    let minutes = abs(parts.tm_gmtoff) / 60
    return "\(parts.tm_gmtoff < 0 ? "-" : "+")\(two(minutes / 60))\(two(minutes % 60))"
  }
  /// `22/Nov/2026:09:21:01 +0000`, in English whatever the locale.
  var commonLog: String {
    let month = Self.months[Int(parts.tm_mon)]
    return "\(two(parts.tm_mday))/\(month)/\(parts.tm_year + 1900):\(clock) \(zone)"
  }

  /// `Nov  2 09:21:01`, in English whatever the locale: RFC 3164, 4.1.2.
  var syslog: String {
    let day = parts.tm_mday < 10 ? " \(parts.tm_mday)" : "\(parts.tm_mday)"
    return "\(Self.months[Int(parts.tm_mon)]) \(day) \(clock)"
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private func two(_ number: some BinaryInteger) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
