// Of the Unicode CLDR.
extension LanguageFacts {
  /// Chinese, simplified.
  static let chinese = LanguageFacts(
    decimal: ".",
    group: ",",
    percent: "#%",
    money: "¤#",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "CA$", "CNY": "¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "JP¥",
      "KRW": "₩", "MXN": "MX$", "USD": "US$",
    ],
    months: ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
    shortMonths: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
    days: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    halves: ["上午", "下午"],
    dates: ["y年M月d日 EEEE", "y年M月d日", "y年M月d日", "y/M/d"],
    times: ["HH:mm", "HH:mm:ss"],
    joins: [" ", " ", " ", " "])
}
