// Of the Unicode CLDR.
extension LanguageFacts {
  /// Spanish.
  static let spanish = LanguageFacts(
    decimal: ",",
    group: ".",
    leastGrouped: 5,
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: ["EUR": "€", "USD": "US$"],
    months: [
      "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
      "noviembre", "diciembre",
    ],
    shortMonths: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
    days: ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
    halves: ["a.\u{202f}m.", "p.\u{202f}m."],
    dates: ["EEEE, d 'de' MMMM 'de' y", "d 'de' MMMM 'de' y", "d MMM y", "d/M/yy"],
    times: ["H:mm", "H:mm:ss"],
    joins: [", ", ", ", ", ", ", "])

  /// Spanish in Mexico.
  static let spanishInMexico = spanish.changed { facts in
    facts.decimal = "."
    facts.group = ","
    facts.leastGrouped = 4
    facts.percent = "#%"
    facts.money = "¤#"
    facts.symbols["EUR"] = nil
    facts.symbols["MXN"] = "$"
    facts.symbols["USD"] = nil
    facts.shortMonths[8] = "sep"
    facts.halves[0] = "a.m."
    facts.halves[1] = "p.m."
    facts.dates[3] = "dd/MM/yy"
    facts.times[0] = "h:mm\u{202f}a"
    facts.times[1] = "h:mm:ss\u{202f}a"
  }
}
