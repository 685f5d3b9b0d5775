// Of the Unicode CLDR.
extension LanguageFacts {
  /// Norwegian, Bokmål.
  static let norwegian = LanguageFacts(
    decimal: ",",
    group: "\u{a0}",
    minus: "\u{2212}",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: ["EUR": "€", "GBP": "£", "NOK": "kr"],
    months: [
      "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
      "desember",
    ],
    shortMonths: ["jan.", "feb.", "mars", "apr.", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des."],
    days: ["søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"],
    halves: ["am", "pm"],
    dates: ["EEEE d. MMMM y", "d. MMMM y", "d. MMM y", "dd.MM.y"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" kl. ", " kl. ", ", ", ", "])
}
