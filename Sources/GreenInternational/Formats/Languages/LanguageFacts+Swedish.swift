// Of the Unicode CLDR.
extension LanguageFacts {
  /// Swedish.
  static let swedish = LanguageFacts(
    decimal: ",",
    group: "\u{a0}",
    minus: "\u{2212}",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: [
      "BRL": "BR$", "CAD": "CA$", "DKK": "Dkr", "EUR": "€", "MXN": "MX$", "NOK": "Nkr", "SEK": "kr", "USD": "US$",
    ],
    months: [
      "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
      "december",
    ],
    shortMonths: ["jan.", "feb.", "mars", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."],
    days: ["söndag", "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag"],
    halves: ["fm", "em"],
    dates: ["EEEE d MMMM y", "d MMMM y", "d MMM y", "y-MM-dd"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" ", " ", " ", " "])
}
