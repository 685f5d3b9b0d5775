// Of the Unicode CLDR.
extension LanguageFacts {
  /// German.
  static let german = LanguageFacts(
    decimal: ",",
    group: ".",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥",
      "KRW": "₩", "MXN": "MX$", "USD": "$",
    ],
    months: [
      "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
      "Dezember",
    ],
    shortMonths: ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
    days: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
    dates: ["EEEE, d. MMMM y", "d. MMMM y", "dd.MM.y", "dd.MM.yy"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" um ", " um ", ", ", ", "])

  /// German in Austria.
  static let germanInAustria = german.changed { facts in
    facts.money = "¤\u{a0}#"
    facts.months[0] = "Jänner"
    facts.shortMonths[0] = "Jän."
    facts.shortMonths[8] = "Sep."
  }

  /// German in Switzerland.
  static let germanInSwitzerland = german.changed { facts in
    facts.decimal = "."
    facts.group = "\u{2019}"
    facts.percent = "#%"
    facts.money = "¤\u{a0}#"
    facts.negativeMoney = "¤-#"
    facts.symbols["EUR"] = nil
  }
}
