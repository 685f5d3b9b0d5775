// Of the Unicode CLDR.
extension LanguageFacts {
  /// Dutch.
  static let dutch = LanguageFacts(
    decimal: ",",
    group: ".",
    percent: "#%",
    money: "¤\u{a0}#",
    negativeMoney: "¤\u{a0}-#",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "C$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "JP¥",
      "KRW": "₩", "MXN": "MX$", "USD": "US$",
    ],
    months: [
      "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
      "november", "december",
    ],
    shortMonths: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    days: ["zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"],
    dates: ["EEEE d MMMM y", "d MMMM y", "d MMM y", "dd-MM-y"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" om ", " om ", ", ", ", "])
}
