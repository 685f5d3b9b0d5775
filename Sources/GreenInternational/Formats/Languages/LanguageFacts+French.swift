// Of the Unicode CLDR.
extension LanguageFacts {
  /// French.
  static let french = LanguageFacts(
    decimal: ",",
    group: "\u{202f}",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: [
      "AUD": "$AU", "BRL": "R$", "CAD": "$CA", "EUR": "€", "GBP": "£GB", "INR": "₹", "KRW": "₩", "MXN": "$MX",
      "USD": "$US",
    ],
    months: [
      "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
      "décembre",
    ],
    shortMonths: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    days: ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    dates: ["EEEE d MMMM y", "d MMMM y", "d MMM y", "dd/MM/y"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" à ", " à ", " à ", " "])

  /// French in Canada.
  static let frenchInCanada = french.changed { facts in
    facts.group = "\u{a0}"
    facts.symbols["AUD"] = "$\u{a0}AU"
    facts.symbols["CAD"] = "$"
    facts.symbols["CNY"] = "CN¥"
    facts.symbols["GBP"] = "£"
    facts.symbols["INR"] = nil
    facts.symbols["JPY"] = "¥"
    facts.symbols["KRW"] = nil
    facts.symbols["MXN"] = nil
    facts.symbols["USD"] = "$\u{a0}US"
    facts.shortMonths[6] = "juill."
    facts.halves[0] = "a.m."
    facts.halves[1] = "p.m."
    facts.dates[3] = "y-MM-dd"
  }

  /// French in Switzerland.
  static let frenchInSwitzerland = french.changed { facts in
    facts.percent = "#%"
    facts.money = "¤\u{a0}#"
    facts.negativeMoney = "¤\u{a0}-#"
    facts.dates[0] = "EEEE, d MMMM y"
    facts.dates[3] = "dd.MM.yy"
  }
}
