public import FoundationEssentials

/// How numbers, money and dates are written in a language: facts of the Unicode CLDR, of the languages that are listed here.
///
/// ```swift
/// let formats = Formats("de")
/// formats.number(1234567.891)                    // 1.234.567,891
/// formats.percent(0.256)                         // 26 %
/// formats.money(1234.5, "EUR")                   // 1.234,50 €
/// formats.date(note.created, .long, time: .short, in: zone)   // 28. November 2026 um 20:33
/// ```
///
/// ``Translator/formats`` are those of the language that a page is in. They are small tables: Foundation's own
/// formatters know all languages, calendars and numerals, with 44 MB of data.
public struct Formats: Sendable {
  /// Whose facts are used: of a language that is not known, `en`.
  public let language: String
  let facts: LanguageFacts

  /// The languages that are known: `de`, `de-CH`, `en`…
  public static var languages: [String] { LanguageFacts.all.keys.sorted() }

  /// Those of a language: of `de-LU`, which is not known as such, those of `de`. Case and `_` for `-` make no difference.
  public init(_ language: String) {
    var rest = Self.canonical(language)
    while true {
      if let facts = Self.known[rest] {
        (self.language, self.facts) = facts
        return
      }
      guard let dash = rest.lastIndex(of: "-") else { break }
      rest = String(rest[..<dash])
    }
    (self.language, self.facts) = ("en", .english)
  }

  private static let known = Dictionary(
    uniqueKeysWithValues: LanguageFacts.all.map { (canonical($0.key), ($0.key, $0.value)) })

  private static func canonical(_ language: String) -> String {
    let tag = language.lowercased().replacing("_", with: "-")
    // Norwegian is Bokmål as a rule.
    return tag == "no" || tag.hasPrefix("no-") ? "nb" + tag.dropFirst(2) : tag
  }

  // MARK: Numbers

  /// A whole number, in groups of three digits.
  public func number(_ value: some BinaryInteger) -> String { number(value.description, 0...0) }

  /// A number with as many digits after the point as it needs, within bounds; what lies between two is rounded, a half
  /// to the even.
  ///
  /// - Parameters:
  ///   - value: the number; one that is none is `NaN`, and one without end `∞`.
  ///   - fraction: how many digits there are after the point, at least and at most.
  public func number(_ value: Double, fraction: ClosedRange<Int> = 0...3) -> String {
    if let special = special(value) { return special }
    return number(value.description, fraction)
  }

  /// As the one for `Double`, without its limits.
  @_disfavoredOverload
  public func number(_ value: Decimal, fraction: ClosedRange<Int> = 0...3) -> String {
    number(value.description, fraction)
  }

  /// A part of one, in hundredths: 0.256 is 26 %.
  public func percent(_ value: Double, fraction: ClosedRange<Int> = 0...0) -> String {
    guard value.isFinite, var digits = DecimalDigits(value.description) else {
      return facts.percent.replacing("#", with: special(value) ?? "")
    }
    digits.shift(2)
    let text = text(&digits, fraction)
    return (digits.isNegative ? facts.minus : "") + facts.percent.replacing("#", with: text)
  }

  // MARK: Money

  /// An amount of money, with as many digits after the point as the currency has.
  ///
  /// - Parameters:
  ///   - value: the amount.
  ///   - currency: its code (ISO 4217): `EUR`. One that is not known has two digits, and its code for a name.
  public func money(_ value: Decimal, _ currency: String) -> String {
    money(DecimalDigits(value.description), currency) ?? "NaN"
  }

  /// An amount in the smallest unit, as many programs keep it: 1250 of `EUR` are 12.50 €.
  public func money(minor value: Int, _ currency: String) -> String {
    var digits = DecimalDigits(value.description)
    digits?.shift(-Currency.digits(of: currency))
    return money(digits, currency) ?? ""
  }

  private func money(_ digits: DecimalDigits?, _ currency: String) -> String? {
    guard var digits else { return nil }
    let count = Currency.digits(of: currency)
    let number = text(&digits, count...count)
    let symbol = facts.symbols[currency] ?? currency
    var pattern = facts.money
    if digits.isNegative {
      pattern = facts.negativeMoney?.replacing("-", with: facts.minus) ?? facts.minus + pattern
    }
    // A name that ends in a letter does not touch the number (Unicode Technical Standard 35, part 3, "Currencies").
    if let last = symbol.last, last.isLetter { pattern = pattern.replacing("¤#", with: "¤\u{a0}#") }
    return pattern.replacing("#", with: number).replacing("¤", with: symbol)
  }

  // MARK: Digits

  private func special(_ value: Double) -> String? {
    if value.isFinite { return nil }
    return value.isNaN ? "NaN" : (value < 0 ? facts.minus : "") + "∞"
  }

  private func number(_ description: String, _ fraction: ClosedRange<Int>) -> String {
    guard var digits = DecimalDigits(description) else { return description }
    let text = text(&digits, fraction)
    return (digits.isNegative ? facts.minus : "") + text
  }

  /// The digits without a sign, once they have been rounded.
  private func text(_ digits: inout DecimalDigits, _ fraction: ClosedRange<Int>) -> String {
    // No number has more that mean anything.
    digits.round(to: min(max(fraction.upperBound, 0), 1_000))
    let after = digits.fraction(atLeast: min(max(fraction.lowerBound, 0), 1_000))
    return grouped(digits.whole) + (after.isEmpty ? "" : facts.decimal + after)
  }

  private func grouped(_ whole: String) -> String {
    let digits = Array(whole)
    if digits.count < facts.leastGrouped { return whole }
    var result = ""
    for (place, digit) in digits.enumerated() {
      if place > 0 && (digits.count - place) % 3 == 0 { result += facts.group }
      result.append(digit)
    }
    return result
  }
}

/// How many digits the currencies have after the point: ISO 4217.
private enum Currency {
  private static let none: Set = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
  ]
  private static let three: Set = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

  static func digits(of currency: String) -> Int { none.contains(currency) ? 0 : three.contains(currency) ? 3 : 2 }
}
