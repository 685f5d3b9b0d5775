// Of the Unicode CLDR.
extension LanguageFacts {
  /// English.
  static let english = LanguageFacts(
    decimal: ".",
    group: ",",
    percent: "#%",
    money: "¤#",
    symbols: [
      "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥",
      "KRW": "₩", "MXN": "MX$", "USD": "$",
    ],
    months: [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ],
    shortMonths: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    dates: ["EEEE, MMMM d, y", "MMMM d, y", "MMM d, y", "M/d/yy"],
    times: ["h:mm\u{202f}a", "h:mm:ss\u{202f}a"],
    joins: [" at ", " at ", " at ", ", "])

  /// English in Britain.
  static let englishInBritain = english.changed { facts in
    facts.symbols["JPY"] = "JP¥"
    facts.symbols["USD"] = "US$"
    facts.halves[0] = "am"
    facts.halves[1] = "pm"
    facts.dates = ["EEEE, d MMMM y", "d MMMM y", "d MMM y", "dd/MM/y"]
    facts.times[0] = "HH:mm"
    facts.times[1] = "HH:mm:ss"
  }
}
