// Of the Unicode CLDR.
extension LanguageFacts {
  /// Czech.
  static let czech = LanguageFacts(
    decimal: ",",
    group: "\u{a0}",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "CZK": "Kč", "EUR": "€", "GBP": "£", "JPY": "JP¥",
      "KRW": "₩", "MXN": "MX$", "USD": "US$",
    ],
    months: [
      "ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu",
      "prosince",
    ],
    shortMonths: ["led", "úno", "bře", "dub", "kvě", "čvn", "čvc", "srp", "zář", "říj", "lis", "pro"],
    days: ["neděle", "pondělí", "úterý", "středa", "čtvrtek", "pátek", "sobota"],
    halves: ["dop.", "odp."],
    dates: ["EEEE d. MMMM y", "d. MMMM y", "d.\u{202f}M.\u{202f}y", "dd.MM.y"],
    times: ["H:mm", "H:mm:ss"],
    joins: [" v ", " v ", " ", " "])
}
