// Of the Unicode CLDR.
extension LanguageFacts {
  /// Ukrainian.
  static let ukrainian = LanguageFacts(
    decimal: ",",
    group: "\u{a0}",
    percent: "#%",
    money: "#\u{a0}¤",
    symbols: ["JPY": "¥", "UAH": "₴"],
    months: [
      "січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня", "жовтня",
      "листопада", "грудня",
    ],
    shortMonths: [
      "січ.", "лют.", "бер.", "квіт.", "трав.", "черв.", "лип.", "серп.", "вер.", "жовт.", "лист.", "груд.",
    ],
    days: ["неділя", "понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота"],
    halves: ["дп", "пп"],
    dates: ["EEEE, d MMMM y\u{202f}'р'.", "d MMMM y\u{202f}'р'.", "d MMM y\u{202f}'р'.", "dd.MM.yy"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" о ", " о ", ", ", ", "])
}
