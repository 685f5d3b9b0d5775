internal import Glibc

/// `IMF-fixdate` of RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
  /// The length of every date in bytes.
  package static var length: Int { 29 }

  /// Writes ``length`` bytes. `seconds` count from 1970; the form has room for the years 0 to 9999 only, and what lies
  /// outside is brought to its ends.
  package static func write(_ seconds: Int64, to memory: UnsafeMutableRawPointer) {
    let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
    var days = seconds / 86_400
    var second = seconds % 86_400
    if second < 0 {
      second += 86_400
      days -= 1
    }
    let (year, month, day) = civil(fromDays: days)
    // 1970-01-01 was a Thursday.
    let weekday = Int(((days + 4) % 7 + 7) % 7)

    copy("SunMonTueWedThuFriSat", 3 * weekday, 3, to: memory)
    copy(", ", 0, 2, to: memory + 3)
    digits(day, 2, to: memory + 5)
    copy(" ", 0, 1, to: memory + 7)
    copy("JanFebMarAprMayJunJulAugSepOctNovDec", 3 * (month - 1), 3, to: memory + 8)
    copy(" ", 0, 1, to: memory + 11)
    digits(year, 4, to: memory + 12)
    copy(" ", 0, 1, to: memory + 16)
    digits(Int(second / 3_600), 2, to: memory + 17)
    copy(":", 0, 1, to: memory + 19)
    digits(Int(second / 60 % 60), 2, to: memory + 20)
    copy(":", 0, 1, to: memory + 22)
    digits(Int(second % 60), 2, to: memory + 23)
    copy(" GMT", 0, 4, to: memory + 25)
  }

  /// The proleptic Gregorian date of a day counted from 1970-01-01.
  ///
  /// Years are taken to begin in March, so that the leap day is the last of its year; 400 years, an era, have 146,097
  /// days.
  package static func civil(fromDays days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func copy(_ text: StaticString, _ offset: Int, _ count: Int, to memory: UnsafeMutableRawPointer) {
    memory.copyMemory(from: text.utf8Start + offset, byteCount: count)
  }

  /// Writes the lowest `count` decimal digits of a number.
  package static func digits(_ number: Int, _ count: Int, to memory: UnsafeMutableRawPointer) {
    var rest = number
    for index in stride(from: count - 1, through: 0, by: -1) {
      memory.storeBytes(of: UInt8(0x30 + rest % 10), toByteOffset: index, as: UInt8.self)
      rest /= 10
    }
  }
}
