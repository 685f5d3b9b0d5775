// Of the Unicode CLDR.
extension LanguageFacts {
  /// Russian.
  static let russian = LanguageFacts(
    decimal: ",",
    group: "\u{a0}",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: [
      "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥",
      "KRW": "₩", "MXN": "MX$", "RUB": "₽", "UAH": "₴", "USD": "$",
    ],
    months: [
      "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
      "декабря",
    ],
    shortMonths: ["янв.", "февр.", "марта", "апр.", "мая", "июня", "июля", "авг.", "сент.", "окт.", "нояб.", "дек."],
    days: ["воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"],
    dates: ["EEEE, d MMMM y\u{202f}'г'.", "d MMMM y\u{202f}'г'.", "d MMM y\u{202f}'г'.", "dd.MM.y"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" в ", " в ", ", ", ", "])
}
