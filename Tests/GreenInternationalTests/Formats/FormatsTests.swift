import Foundation
import GreenHTTP
import GreenInternational
import GreenTesting
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct FormatsTests {
  private static let early = Date(timeIntervalSince1970: 1_772_668_805)
  private static let late = Date(timeIntervalSince1970: 1_795_897_987)

  @Test(arguments: Golden.rows.indices)
  func theyAreThoseOfTheUnicodeData(index: Int) throws {
    let row = Golden.rows[index]
    let formats = Formats(row.language)
    #expect(formats.language == row.language)
    #expect([1234, 1_234_567.891, -1234.5, 0, 0.0625, 2.5].map { formats.number($0) } == row.numbers)
    #expect([0.256, -1.5].map { formats.percent($0) } == row.percents)
    let amounts = try [("EUR", "1234.5"), ("USD", "-12.345"), ("JPY", "1234567"), ("CHF", "0.5"), ("XYZ", "7")].map {
      ($0, try #require(Decimal(string: $1)))
    }
    #expect(amounts.map { formats.money($1, $0) } == row.money)
    for (date, texts) in zip([Self.early, Self.late], row.dates) {
      var found = DateForm.allCases.flatMap { [formats.date(date, $0), formats.date(date, $0, time: .short)] }
      found += [formats.time(date), formats.time(date, .medium)]
      #expect(found == texts)
    }
  }

  @Test func everyLanguageIsHeldAgainstTheData() {
    #expect(Formats.languages == Golden.rows.map(\.language).sorted())
  }

  @Test(arguments: [
    ("de", "de"), ("DE_ch", "de-CH"), ("de-LU", "de"), ("de-CH-1996", "de-CH"), ("pt-BR", "pt"), ("pt-PT", "pt-PT"),
    ("no", "nb"), ("no-NO", "nb"), ("en-US-posix", "en"), ("xx", "en"), ("", "en"), ("-", "en"), ("zh-Hans-CN", "zh"),
  ])
  func theNearestLanguageIsTaken(asked: String, found: String) {
    #expect(Formats(asked).language == found)
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (-0.0004, "0"), (0.0005, "0"), (0.0015, "0.002"), (0.00051, "0.001"), (2.0005, "2"),
    (0.9996, "1"),
    (999.9996, "1,000"), (999_999.9999, "1,000,000"), (1e21, "1,000,000,000,000,000,000,000"), (1e-300, "0"),
    (123e-2, "1.23"),
    (-1_234.5, "-1,234.5"), (.nan, "NaN"), (.infinity, "∞"), (-.infinity, "-∞"), (.leastNonzeroMagnitude, "0"),
    (0.1 + 0.2, "0.3"),
  ])
  func numbersAreRoundedToTheEven(value: Double, text: String) {
    #expect(Formats("en").number(value) == text)
  }

  @Test func theLargestNumbersAreWrittenOut() {
    let text = Formats("en").number(Double.greatestFiniteMagnitude)
    #expect(text.filter(\.isNumber).count == 309 && text.hasPrefix("179,769,313"))
    #expect(Formats("en").number(Int.min) == "-9,223,372,036,854,775,808")
    #expect(Formats("en").number(UInt64.max) == "18,446,744,073,709,551,615")
    #expect(
      Formats("de").number(Decimal(string: "12345678901234567890.1234")!, fraction: 2...2)
        == "12.345.678.901.234.567.890,12")
  }

  @Test func digitsBehindThePointAreAsManyAsAsked() {
    let formats = Formats("en")
    #expect(formats.number(1.5, fraction: 2...2) == "1.50" && formats.number(1.005, fraction: 0...1) == "1")
    #expect(formats.number(1.5, fraction: 0...0) == "2" && formats.number(2.5, fraction: 0...0) == "2")
    #expect(formats.number(0.05, fraction: 1...4) == "0.05" && formats.number(7, fraction: 1...4) == "7.0")
    #expect(formats.number(1e-7, fraction: 0...8) == "0.0000001" && formats.number(0.5, fraction: 0...0) == "0")
    #expect(formats.number(0.1, fraction: -5 ... -1) == "0" && formats.number(1, fraction: 0...Int.max) == "1")
    #expect(formats.percent(0.12345, fraction: 1...2) == "12.34%" && formats.percent(.nan) == "NaN%")
    #expect(formats.percent(-0.001) == "0%")
  }

  /// Any number of random ones, as Foundation's own formatter writes them.
  @Test func numbersAreThoseOfFoundation() {
    let theirs = NumberFormatter()
    theirs.locale = Locale(identifier: "de")
    theirs.numberStyle = .decimal
    let formats = Formats("de")
    var random = SeededGenerator(seed: 88_172_645_463_325_252)
    for round in 0..<2_000 {
      let value =
        Double(Int64(bitPattern: random.next()) >> UInt64(round % 60)) / [1, 10, 1_000, 4_096, 1e6][round % 5]
      // Of what is rounded to nothing no sign is left here.
      let wanted = theirs.string(from: NSNumber(value: value))
      #expect(formats.number(value) == (wanted == "-0" ? "0" : wanted), "\(value)")
    }
  }

  @Test func moneyHasTheDigitsOfItsCurrency() {
    let formats = Formats("en")
    #expect(formats.money(minor: 1250, "EUR") == "€12.50" && formats.money(minor: -5, "USD") == "-$0.05")
    #expect(formats.money(minor: 1250, "JPY") == "¥1,250" && formats.money(minor: 1250, "KWD") == "KWD\u{a0}1.250")
    #expect(formats.money(minor: Int.min, "EUR") == "-€92,233,720,368,547,758.08")
    #expect(formats.money(0, "EUR") == "€0.00" && formats.money(Decimal.nan, "EUR") == "NaN")
    // What is no currency is no pattern either.
    #expect(formats.money(1, "#¤#") == "#¤#1.00" || formats.money(1, "#¤#").contains("1.00"))
  }

  @Test func zonesAreKept() throws {
    let formats = Formats("en")
    let zone = try #require(TimeZone(secondsFromGMT: 5 * 3_600 + 1_800))
    #expect(formats.date(Self.late, .short, time: .short, in: zone) == "11/29/26, 2:03\u{202f}AM")
    let west = try #require(TimeZone(secondsFromGMT: -11 * 3_600))
    #expect(formats.date(Self.early, .full, in: west) == "Wednesday, March 4, 2026")
    let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
    #expect(Formats("de").time(Date(timeIntervalSince1970: 1_782_000_000), in: berlin) == "02:00")
    #expect(Formats("de").time(Self.late, in: berlin) == "21:33")
  }

  @Test func momentsOutsideTheCalendarAreItsEnds() {
    let formats = Formats("en")
    for (seconds, text) in [
      (0.0, "January 1, 1970"), (-1, "December 31, 1969"), (-62_135_596_800, "January 1, 1"), (-1e300, "January 1, 1"),
      (253_402_300_799, "December 31, 9999"), (1e300, "December 31, 9999"), (.infinity, "December 31, 9999"),
      (.nan, "January 1, 1970"), (951_782_400, "February 29, 2000"), (-2_203_977_600, "February 28, 1900"),
    ] {
      #expect(formats.date(Date(timeIntervalSince1970: seconds), .long) == text, "\(seconds)")
    }
    for hour in 0..<24 {
      let text = formats.time(Date(timeIntervalSince1970: Double(hour) * 3_600))
      #expect(text == "\(hour % 12 == 0 ? 12 : hour % 12):00\u{202f}\(hour < 12 ? "AM" : "PM")")
    }
  }

  @Test func aTranslatorHasThoseOfItsLanguage() throws {
    let catalogues = Catalogues(["de": try Catalogue(po: "msgid \"a\"\nmsgstr \"b\"\n")], standard: "en")
    #expect(catalogues.translator("de").formats.number(1.5) == "1,5")
    #expect(catalogues.translator("fr").formats.number(1.5) == "1.5")
    let request = try Request(.get, "/", headers: [.acceptLanguage: "de-CH, en;q=0.5"])
    #expect(catalogues.translator(for: request).formats.language == "de")
  }
}
