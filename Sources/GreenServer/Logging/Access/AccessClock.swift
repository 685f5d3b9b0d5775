import Glibc
import Green

/// The present time as the access log writes it, made once a second.
final class AccessClock: Sendable {
  private let latest = Guarded((second: time_t(-1), text: ""))

  var now: String {
    let second = time(nil)
    return latest.withLock { latest in
      if latest.second != second { latest = (second, LocalTime(secondsSince1970: second).commonLog) }
      return latest.text
    }
  }
}
