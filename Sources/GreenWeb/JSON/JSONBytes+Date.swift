internal import FoundationEssentials
internal import GreenHTTP

extension JSONBytes {
  /// A date in the form of RFC 3339, to the second before it and in UTC: `"2026-11-29T20:51:39Z"`.
  mutating func append(date: Date) {
    // From 2001, which was a year like others; from 1600 to 9999, in which the form has room.
    let second = date.timeIntervalSinceReferenceDate.rounded(.down)
    guard second >= -12_654_403_200, second < 252_423_993_600 else {
      append(quoted: date.formatted(.iso8601))
      return
    }
    let seconds = Int64(second) + 978_307_200
    let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    append(day: day, second: Int(seconds - day * 86_400))
  }

  /// A day counted from 1970, and a second of it.
  private mutating func append(day: Int64, second: Int) {
    let (year, month, monthDay) = HTTPDate.civil(fromDays: day)
    let form: StaticString = "\"0000-00-00T00:00:00Z\""
    append(length: form.utf8CodeUnitCount) { place in
      place.initialize(from: form.utf8Start, count: form.utf8CodeUnitCount)
      HTTPDate.digits(year, 4, to: place + 1)
      HTTPDate.digits(month, 2, to: place + 6)
      HTTPDate.digits(monthDay, 2, to: place + 9)
      HTTPDate.digits(second / 3_600, 2, to: place + 12)
      HTTPDate.digits(second / 60 % 60, 2, to: place + 15)
      HTTPDate.digits(second % 60, 2, to: place + 18)
    }
  }
}
