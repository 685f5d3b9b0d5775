extension HTTPDate {
  /// The seconds since 1970 that a date of one of the three forms of RFC 9110, 5.6.7 says; `nil` where it is not one.
  ///
  ///     Sun, 06 Nov 1994 08:49:37 GMT
  ///     Sunday, 06-Nov-94 08:49:37 GMT
  ///     Sun Nov  6 08:49:37 1994
  ///
  /// - Parameter now: decides on the century of a year of two digits: none lies more than 50 years ahead.
  package static func parse(_ text: String, now: Int64) -> Int64? {
    guard text.utf8.count <= 40 else { return nil }
    let words = text.utf8.split { " ,-:".utf8.contains($0) }.map { Array($0) }
    guard let name = words.first, (3...9).contains(name.count) else { return nil }
    let isLocal = words.count == 7
    guard isLocal || (words.count == 8 && words[7] == Array("GMT".utf8)) else { return nil }
    let places = isLocal ? (day: 2, month: 1, year: 6, time: 3) : (day: 1, month: 2, year: 3, time: 4)
    guard let month = month(words[places.month]), let day = number(words[places.day], 1...2),
      let year = year(words[places.year], now: now), let hour = number(words[places.time], 2...2),
      let minute = number(words[places.time + 1], 2...2), let second = number(words[places.time + 2], 2...2),
      (1...days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    let days = days(to: year, month, day)
    // A leap second has no number of its own.
    return days * 86_400 + Int64(hour * 3_600 + minute * 60 + min(second, 59))
  }

  private static func number(_ digits: [UInt8], _ count: ClosedRange<Int>) -> Int? {
    guard count.contains(digits.count), digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func month(_ name: [UInt8]) -> Int? {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return names.firstIndex { $0.utf8.elementsEqual(name) }.map { $0 + 1 }
  }

  private static func year(_ digits: [UInt8], now: Int64) -> Int? {
    if digits.count == 4 { return number(digits, 4...4) }
    guard let short = number(digits, 2...2) else { return nil }
    let present = 1970 + Int(now / 31_556_952)
    let year = present - present % 100 + short
    return year > present + 50 ? year - 100 : year
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
    return [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// The days from 1970-01-01: the other way round than ``write(_:to:)`` has it.
  private static func days(to year: Int, _ month: Int, _ day: Int) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }

  /// A date as text.
  package static func text(_ seconds: Int64) -> String {
    String(unsafeUninitializedCapacity: length) { memory in
      write(seconds, to: UnsafeMutableRawPointer(memory.baseAddress!))
      return length
    }
  }
}
