public import FoundationEssentials
internal import GreenHTTP

extension Formats {
  /// A date of the Gregorian calendar, and the time of day where it is asked for.
  ///
  /// - Parameters:
  ///   - date: the moment.
  ///   - form: how much is told of the day.
  ///   - time: how much is told of the time of day; `nil` for nothing.
  ///   - zone: where it is that day; UTC where it is not said. Zones by their names, `Europe/Berlin`, are known to
  ///     programs that have the whole of Foundation; `TimeZone(secondsFromGMT:)` to all.
  public func date(_ date: Date, _ form: DateForm = .medium, time: TimeForm? = nil, in zone: TimeZone = .gmt) -> String
  {
    let moment = Moment(date, in: zone)
    let day = written(moment, facts.dates[form.rawValue])
    guard let time else { return day }
    return day + facts.joins[form.rawValue] + written(moment, facts.times[time.rawValue])
  }

  /// A time of day.
  public func time(_ date: Date, _ form: TimeForm = .short, in zone: TimeZone = .gmt) -> String {
    written(Moment(date, in: zone), facts.times[form.rawValue])
  }

  /// What a pattern makes of a moment: letters stand for parts of it, what is in quotes for itself.
  private func written(_ moment: Moment, _ pattern: String) -> String {
    var result = ""
    var rest = pattern[...]
    var isQuoted = false
    while let letter = rest.first {
      if letter == "'" {
        isQuoted.toggle()
        rest.removeFirst()
        continue
      }
      let count = isQuoted ? 1 : rest.prefix { $0 == letter }.count
      result += isQuoted ? String(letter) : part(moment, letter, count) ?? String(repeating: letter, count: count)
      rest = rest.dropFirst(count)
    }
    return result
  }

  private func part(_ moment: Moment, _ letter: Character, _ count: Int) -> String? {
    switch letter {
    case "y": count == 2 ? Self.digits(moment.year % 100, 2) : "\(moment.year)"
    case "M":
      switch count {
      case 4: facts.months[moment.month - 1]
      case 3: facts.shortMonths[moment.month - 1]
      default: Self.digits(moment.month, count)
      }
    case "d": Self.digits(moment.day, count)
    case "E": facts.days[moment.weekday]
    case "c": (facts.daysAlone ?? facts.days)[moment.weekday]
    case "H": Self.digits(moment.hour, count)
    case "h": Self.digits((moment.hour + 11) % 12 + 1, count)
    case "m": Self.digits(moment.minute, count)
    case "s": Self.digits(moment.second, count)
    case "a": facts.halves[moment.hour / 12]
    default: nil
    }
  }

  private static func digits(_ number: Int, _ count: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}

/// A moment by the calendar and the clock.
private struct Moment {
  let year, month, day, hour, minute, second: Int
  /// From Sunday, 0.
  let weekday: Int

  /// What lies outside the years 1 to 9999 is brought to their ends.
  init(_ date: Date, in zone: TimeZone) {
    let first = -62_135_596_800.0, last = 253_402_300_799.0
    let interval = date.timeIntervalSince1970
    let bounded = interval.isNaN ? 0 : min(max(interval, first), last)
    let local = bounded.rounded(.down) + Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: bounded)))
    let seconds = Int(min(max(local, first), last))
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = seconds - days * 86_400
    (year, month, day) = HTTPDate.civil(fromDays: Int64(days))
    (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
    // 1970-01-01 was a Thursday.
    weekday = ((days + 4) % 7 + 7) % 7
  }
}
