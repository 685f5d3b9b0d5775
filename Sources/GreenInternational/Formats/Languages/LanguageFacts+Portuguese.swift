// Of the Unicode CLDR.
extension LanguageFacts {
  /// Portuguese, as in Brazil.
  static let portuguese = LanguageFacts(
    decimal: ",",
    group: ".",
    percent: "#%",
    money: "¤\u{a0}#",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "JP¥",
      "KRW": "₩", "MXN": "MX$", "USD": "US$",
    ],
    months: [
      "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
      "novembro", "dezembro",
    ],
    shortMonths: ["jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."],
    days: ["domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"],
    dates: ["EEEE, d 'de' MMMM 'de' y", "d 'de' MMMM 'de' y", "d 'de' MMM 'de' y", "dd/MM/y"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" às ", " às ", ", ", ", "])

  /// Portuguese in Portugal.
  static let portugueseInPortugal = portuguese.changed { facts in
    facts.group = "\u{a0}"
    facts.leastGrouped = 5
    facts.money = "#\u{a0}¤"
    facts.dates[2] = "dd/MM/y"
    facts.dates[3] = "dd/MM/yy"
  }
}
