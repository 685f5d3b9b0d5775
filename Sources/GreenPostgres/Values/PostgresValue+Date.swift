public import FoundationEssentials

/// A moment, `timestamptz`, to the microsecond. A `timestamp` without a time zone, and a `date`, are read as UTC.
extension Date: PostgresValue {
  public static var postgresType: UInt32 { PostgresType.timestamptz }

  public var postgresParameter: PostgresParameter { .text(DateText.text(self)) }

  public init(postgres field: PostgresField) throws {
    guard let moment = DateText.secondsSince1970(try field.text()) else { throw field.mismatch(Date.self) }
    self.init(timeIntervalSince1970: moment)
  }
}

/// The text of moments as PostgreSQL writes it with `DateStyle` ISO: `2026-11-30 01:02:03.456+05:30`, `0044-03-15 BC`,
/// `infinity`.
enum DateText {
  /// The moment in UTC. What PostgreSQL cannot hold is its infinity, and what is no moment is refused by it.
  static func text(_ date: Date) -> String {
    let microseconds = (date.timeIntervalSince1970 * 1e6).rounded()
    if abs(microseconds) >= 0x1p62 { return microseconds < 0 ? "-infinity" : "infinity" }
    guard microseconds.isFinite else { return "NaN" }
    let (seconds, fraction) = Int(microseconds).quotientAndRemainder(flooringBy: 1_000_000)
    let (days, ofDay) = seconds.quotientAndRemainder(flooringBy: 86400)
    let (year, month, day) = civil(ofDay: days)
    let time = "\(padded(ofDay / 3600)):\(padded(ofDay / 60 % 60)):\(padded(ofDay % 60)).\(padded(fraction, 6))+00"
    let shown = year > 0 ? year : 1 - year
    return "\(padded(shown, 4))-\(padded(month))-\(padded(day)) \(time)\(year > 0 ? "" : " BC")"
  }

  private static func padded(_ number: Int, _ count: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }

  static func secondsSince1970(_ text: String) -> Double? {
    switch text {
    case "infinity": return .infinity
    case "-infinity": return -.infinity
    default: break
    }
    var rest = text.utf8[...]
    let isBeforeChrist = text.hasSuffix(" BC")
    if isBeforeChrist { rest = rest.dropLast(3) }
    guard let year = number(&rest), skip(&rest, "-"), let month = number(&rest), skip(&rest, "-"),
      let day = number(&rest),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    // There was no year 0: 1 BC is 0 for the arithmetic.
    let midnight = 86400 * Double(daysFromCivil(isBeforeChrist ? 1 - year : year, month, day))
    if rest.isEmpty { return midnight }
    guard skip(&rest, " "), let ofDay = time(&rest), let east = offset(&rest), rest.isEmpty else { return nil }
    return midnight + ofDay - east
  }

  private static func time(_ rest: inout Substring.UTF8View) -> Double? {
    guard let hours = number(&rest), skip(&rest, ":"), let minutes = number(&rest), skip(&rest, ":"),
      let seconds = number(&rest)
    else { return nil }
    var fraction = 0.0
    if skip(&rest, ".") {
      let count = rest.count
      guard let digits = number(&rest) else { return nil }
      var scale = 1.0
      for _ in 0..<(count - rest.count) { scale *= 10 }
      fraction = Double(digits) / scale
    }
    return Double(hours * 3600 + minutes * 60 + seconds) + fraction
  }

  /// Seconds east of Greenwich.
  private static func offset(_ rest: inout Substring.UTF8View) -> Double? {
    if rest.isEmpty { return 0 }
    let isWest = skip(&rest, "-")
    guard isWest || skip(&rest, "+"), var seconds = number(&rest).map({ $0 * 3600 }) else { return nil }
    var unit = 60
    while skip(&rest, ":") {
      guard let part = number(&rest) else { return nil }
      seconds += part * unit
      unit = 1
    }
    return Double(isWest ? -seconds : seconds)
  }

  private static func skip(_ rest: inout Substring.UTF8View, _ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private static func number(_ rest: inout Substring.UTF8View) -> Int? {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest[digits.endIndex...]
    return digits.count > 9 ? nil : Int(Substring(digits))
  }

  /// Days from 1970-01-01, in the Gregorian calendar also before it began, as PostgreSQL counts. Howard Hinnant's
  /// `days_from_civil`.
  private static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let ofEra = year - era * 400
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }
  /// The other way round: `civil_from_days`.
  private static func civil(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let (era, ofEra) = (day + 719_468).quotientAndRemainder(flooringBy: 146_097)
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * ofYear + 2) / 153
    let month = shifted + (shifted < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * shifted + 2) / 5 + 1)
  }
}

extension Int {
  /// Rounded down, so that the remainder is not negative.
  fileprivate func quotientAndRemainder(flooringBy divisor: Int) -> (Int, Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
