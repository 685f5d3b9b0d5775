// Of the Unicode CLDR.
extension LanguageFacts {
  /// Finnish.
  static let finnish = LanguageFacts(
    decimal: ",",
    group: "\u{a0}",
    minus: "\u{2212}",
    percent: "#\u{a0}%",
    money: "#\u{a0}¤",
    symbols: ["EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"],
    months: [
      "tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta", "heinäkuuta", "elokuuta",
      "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta",
    ],
    shortMonths: [
      "tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu",
    ],
    days: ["sunnuntai", "maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina", "lauantaina"],
    daysAlone: ["sunnuntai", "maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai"],
    halves: ["ap.", "ip."],
    dates: ["cccc d. MMMM y", "d. MMMM y", "d.M.y", "d.M.y"],
    times: ["H.mm", "H.mm.ss"],
    joins: [" klo ", " klo ", " klo ", " klo "])
}
