// Of the Unicode CLDR.
extension LanguageFacts {
  /// Italian.
  static let italian = LanguageFacts(
    decimal: ",",
    group: ".",
    leastGrouped: 5,
    percent: "#%",
    money: "#\u{a0}¤",
    symbols: ["AUD": "A$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£"],
    months: [
      "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
      "novembre", "dicembre",
    ],
    shortMonths: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    days: ["domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"],
    dates: ["EEEE d MMMM y", "d MMMM y", "d MMM y", "dd/MM/yy"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" alle ore ", " alle ore ", ", ", ", "])
}
