// Of the Unicode CLDR.
extension LanguageFacts {
  /// Korean.
  static let korean = LanguageFacts(
    decimal: ".",
    group: ",",
    percent: "#%",
    money: "¤#",
    symbols: [
      "AUD": "AU$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "JP¥",
      "KRW": "₩", "MXN": "MX$", "USD": "US$",
    ],
    months: ["1월", "2월", "3월", "4월", "5월", "6월", "7월", "8월", "9월", "10월", "11월", "12월"],
    shortMonths: ["1월", "2월", "3월", "4월", "5월", "6월", "7월", "8월", "9월", "10월", "11월", "12월"],
    days: ["일요일", "월요일", "화요일", "수요일", "목요일", "금요일", "토요일"],
    halves: ["오전", "오후"],
    dates: ["y년 MMMM d일 EEEE", "y년 MMMM d일", "y. M. d.", "y. M. d."],
    times: ["a h:mm", "a h:mm:ss"],
    joins: [" ", " ", " ", " "])
}
