/// How values of a setting are read, checked and written.
package struct SettingForm<Value: Sendable>: Sendable {
  /// What may be written, to follow "not" in a sentence.
  package let words: String
  private let reading: @Sendable (String) throws(SettingFault) -> Value
  private let checking: @Sendable (Value) throws(SettingFault) -> Void
  package let write: @Sendable (Value) -> String

  /// A form of which every text that can be read is allowed, unless `isAllowed` says no.
  package init(
    _ words: String, parse: @escaping @Sendable (String) -> Value?,
    isAllowed: @escaping @Sendable (Value) -> Bool = { _ in true },
    write: @escaping @Sendable (Value) -> String = { "\($0)" }
  ) {
    self.init(
      words,
      read: { text throws(SettingFault) in
        guard let value = parse(text) else { throw SettingFault("not \(words)", isUnreadable: true) }
        return value
      },
      check: { value throws(SettingFault) in if !isAllowed(value) { throw SettingFault("not \(words)") } },
      write: write)
  }

  /// A form that says by itself what is wrong with a text or a value.
  package init(
    _ words: String, read: @escaping @Sendable (String) throws(SettingFault) -> Value,
    check: @escaping @Sendable (Value) throws(SettingFault) -> Void = { _ in },
    write: @escaping @Sendable (Value) -> String
  ) {
    self.words = words
    reading = read
    checking = check
    self.write = write
  }

  /// What a text means.
  package func read(_ text: String) throws(SettingFault) -> Value {
    let value = try reading(text)
    try checking(value)
    return value
  }

  /// Throws where a value, however it came about, is not allowed.
  package func check(_ value: Value) throws(SettingFault) { try checking(value) }

  /// What a text means, `nil` when it cannot be understood or is not allowed.
  func parse(_ text: String) -> Value? { try? read(text) }
}

extension SettingForm where Value == Int {
  package static func number(_ range: ClosedRange<Int>, zero: String? = nil) -> SettingForm {
    let least = range.lowerBound
    let words =
      range.upperBound == .max ? "a number of at least \(least)" : "a number from \(least) to \(range.upperBound)"
    return SettingForm(
      words + (zero.map { ", or 0 for \($0)" } ?? ""), parse: { Int($0) },
      isAllowed: { range.contains($0) || $0 == 0 && zero != nil })
  }

  /// `65536`, `64K`, `1M`.
  package static func bytes(_ range: ClosedRange<Int>) -> SettingForm {
    SettingForm(
      "a number of bytes from \(range.lowerBound) to \(range.upperBound), such as 65536, 64K or 1M",
      parse: { text in
        let units: [Character: Int] = [
          "k": 1 << 10, "K": 1 << 10, "m": 1 << 20, "M": 1 << 20, "g": 1 << 30, "G": 1 << 30,
        ]
        let unit = text.last.flatMap { units[$0] }
        guard let number = Int(unit == nil ? text : String(text.dropLast())) else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        return overflow ? nil : bytes
      }, isAllowed: range.contains)
  }
}

extension SettingForm where Value == Duration {
  /// Seconds, as gevent has them, or with a unit: `0.1`, `100ms`, `2s`.
  package static func duration(from least: Duration, upTo most: Duration, zero: String) -> SettingForm {
    SettingForm(
      "a time such as 0.1 (seconds), 100ms or 2s, from \(text(least)) to \(text(most)), or 0 for \(zero)",
      parse: { text in
        let (number, scale) =
          text.hasSuffix("ms") ? (text.dropLast(2), 1e-3) : text.hasSuffix("s") ? (text.dropLast(), 1) : (text[...], 1)
        // What is longer would overflow; it is longer than 31 years.
        guard let value = Double(number), value.isFinite, abs(value * scale) <= 1e9 else { return nil }
        return Duration.nanoseconds(Int64((value * scale * 1e9).rounded()))
      }, isAllowed: { $0 == .zero || (least...most).contains($0) }, write: text)
  }

  private static func text(_ duration: Duration) -> String {
    let nanoseconds = duration.wholeNanoseconds
    if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
    return nanoseconds % 1_000_000 == 0 ? "\(nanoseconds / 1_000_000)ms" : "\(Double(nanoseconds) / 1e6)ms"
  }
}

extension SettingForm where Value == Bool {
  package static let flag = SettingForm(
    "yes or no, on or off, true or false, 1 or 0",
    parse: { text in
      switch text.lowercased() {
      case "1", "yes", "on", "true": true
      case "0", "no", "off", "false", "": false
      default: nil
      }
    }, write: { $0 ? "yes" : "no" })
}

extension SettingForm where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  package static var choice: SettingForm {
    let names = Value.allCases.map(\.rawValue)
    let words = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    return SettingForm(words, parse: { Value(rawValue: $0) }, write: { $0.rawValue })
  }
}
