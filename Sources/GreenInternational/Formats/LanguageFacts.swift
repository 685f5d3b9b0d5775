/// How numbers and dates are written in a language: facts of the Unicode CLDR.
struct LanguageFacts: Sendable {
  /// Between the whole part of a number and its fraction.
  var decimal: String
  /// Between groups of three digits.
  var group: String
  var minus = "-"
  /// From how many digits on they are put in groups.
  var leastGrouped = 4
  /// With `#` for the number.
  var percent: String
  /// With `#` for the number, and `¤` for the currency.
  var money: String
  /// That of negative numbers, where it is not `money` with a minus in front; `-` for the minus.
  var negativeMoney: String?
  /// What currencies are called, where it is not their code.
  var symbols: [String: String]
  /// With a day of theirs.
  var months: [String]
  var shortMonths: [String]
  /// From Sunday on.
  var days: [String]
  /// Where they are named alone, and are called something else then.
  var daysAlone: [String]?
  /// Before and after noon.
  var halves = ["AM", "PM"]
  /// Patterns of dates: full, long, medium, short (Unicode Technical Standard 35, part 4, "Date Format Patterns").
  var dates: [String]
  /// Patterns of times: short, medium.
  var times: [String]
  /// Between a date and a time, for each form of date.
  var joins: [String]

  func changed(_ change: (inout LanguageFacts) -> Void) -> LanguageFacts {
    var facts = self
    change(&facts)
    return facts
  }

  /// By their languages.
  static let all: [String: LanguageFacts] = [
    "cs": .czech, "da": .danish, "de": .german, "de-AT": .germanInAustria, "de-CH": .germanInSwitzerland,
    "en": .english, "en-GB": .englishInBritain, "es": .spanish, "es-MX": .spanishInMexico, "fi": .finnish,
    "fr": .french, "fr-CA": .frenchInCanada, "fr-CH": .frenchInSwitzerland, "it": .italian, "ja": .japanese,
    "ko": .korean, "nb": .norwegian, "nl": .dutch, "pl": .polish, "pt": .portuguese,
    "pt-PT": .portugueseInPortugal, "ru": .russian, "sv": .swedish, "tr": .turkish, "uk": .ukrainian,
    "zh": .chinese,
  ]
}
