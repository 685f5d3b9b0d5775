// Of the Unicode CLDR.
extension LanguageFacts {
  /// Polish.
  static let polish = LanguageFacts(
    decimal: ",",
    group: "\u{a0}",
    leastGrouped: 5,
    percent: "#%",
    money: "#\u{a0}¤",
    symbols: ["BRL": "R$", "EUR": "€", "PLN": "zł"],
    months: [
      "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września",
      "października", "listopada", "grudnia",
    ],
    shortMonths: ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"],
    days: ["niedziela", "poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota"],
    dates: ["EEEE, d MMMM y", "d MMMM y", "d MMM y", "d.MM.y"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" o ", " o ", " o ", ", "])
}
