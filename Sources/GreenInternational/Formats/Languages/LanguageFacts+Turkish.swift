// Of the Unicode CLDR.
extension LanguageFacts {
  /// Turkish.
  static let turkish = LanguageFacts(
    decimal: ",",
    group: ".",
    percent: "%#",
    money: "¤#",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥",
      "KRW": "₩", "MXN": "MX$", "TRY": "₺", "USD": "$",
    ],
    months: [
      "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım",
      "Aralık",
    ],
    shortMonths: ["Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"],
    days: ["Pazar", "Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi"],
    halves: ["ÖÖ", "ÖS"],
    dates: ["d MMMM y EEEE", "d MMMM y", "d MMM y", "d.MM.y"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" ", " ", " ", " "])
}
