// Of the Unicode CLDR.
extension LanguageFacts {
  /// Danish.
  static let danish = LanguageFacts(
    decimal: ",",
    group: ".",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "DKK": "kr.", "EUR": "€", "GBP": "£", "INR": "₹",
      "JPY": "JP¥", "KRW": "₩", "MXN": "MX$", "USD": "US$",
    ],
    months: [
      "januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november",
      "december",
    ],
    shortMonths: ["jan.", "feb.", "mar.", "apr.", "maj", "jun.", "jul.", "aug.", "sep.", "okt.", "nov.", "dec."],
    days: ["søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"],
    dates: ["EEEE 'den' d. MMMM y", "d. MMMM y", "d. MMM y", "dd.MM.y"],
    times: ["HH.mm", "HH.mm.ss"],
    joins: [" kl. ", " kl. ", ", ", ", "])
}
