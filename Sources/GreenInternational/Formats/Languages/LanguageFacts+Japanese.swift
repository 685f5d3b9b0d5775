// Of the Unicode CLDR.
extension LanguageFacts {
  /// Japanese.
  static let japanese = LanguageFacts(
    decimal: ".",
    group: ",",
    percent: "#%",
    money: "¤#",
    symbols: [
      "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "元", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥",
      "KRW": "₩", "MXN": "MX$", "USD": "$",
    ],
    months: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
    shortMonths: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
    days: ["日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"],
    halves: ["午前", "午後"],
    dates: ["y年M月d日 EEEE", "y年M月d日", "y/MM/dd", "y/MM/dd"],
    times: ["H:mm", "H:mm:ss"],
    joins: [" ", " ", " ", " "])
}
