/// How values of a setting are written.
struct SettingForm<Value: Sendable>: Sendable {
  /// What may be written, to follow "not" in a sentence.
  let words: String
  /// `nil` for what cannot be understood.
  let parse: @Sendable (String) -> Value?
  let write: @Sendable (Value) -> String

  init(
    _ words: String, parse: @escaping @Sendable (String) -> Value?,
    write: @escaping @Sendable (Value) -> String = { "\($0)" }
  ) {
    self.words = words
    self.parse = parse
    self.write = write
  }
}

extension SettingForm where Value == Int {
  static func number(_ range: ClosedRange<Int>) -> SettingForm {
    SettingForm("a number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// `65536`, `64K`, `1M`.
  static func bytes(_ range: ClosedRange<Int>) -> SettingForm {
    SettingForm("a number of bytes from \(range.lowerBound) to \(range.upperBound), such as 65536, 64K or 1M") { text in
      let units: [Character: Int] = [
        "k": 1 << 10, "K": 1 << 10, "m": 1 << 20, "M": 1 << 20, "g": 1 << 30, "G": 1 << 30,
      ]
      let unit = text.last.flatMap { units[$0] }
      guard let number = Int(unit == nil ? text : String(text.dropLast())) else { return nil }
      let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
      return !overflow && range.contains(bytes) ? bytes : nil
    }
  }
}

extension SettingForm where Value == Duration {
  /// Seconds, as gevent has them, or with a unit: `0.1`, `100ms`, `2s`.
  static func duration(from least: Duration, upTo most: Duration, zero: String) -> SettingForm {
    SettingForm(
      "a time such as 0.1 (seconds), 100ms or 2s, from \(text(least)) to \(text(most)), or 0 for \(zero)",
      parse: { text in
        let (number, scale) =
          text.hasSuffix("ms") ? (text.dropLast(2), 1e-3) : text.hasSuffix("s") ? (text.dropLast(), 1) : (text[...], 1)
        guard let value = Double(number), value >= 0, value.isFinite, value * scale < 1e9 else { return nil }
        let duration = Duration.nanoseconds(Int64((value * scale * 1e9).rounded()))
        return duration == .zero || (least...most).contains(duration) ? duration : nil
      }, write: text)
  }

  private static func text(_ duration: Duration) -> String {
    let nanoseconds = duration.wholeNanoseconds
    if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
    return nanoseconds % 1_000_000 == 0 ? "\(nanoseconds / 1_000_000)ms" : "\(Double(nanoseconds) / 1e6)ms"
  }
}

extension SettingForm where Value == [SocketAddress] {
  static let nameServers = SettingForm(
    "addresses with or without a port, between commas or spaces, such as 10.0.0.1,[::1]:5353",
    parse: { text in
      let words = text.split(whereSeparator: { $0 == "," || $0 == " " })
      let addresses = words.compactMap { Resolver.Configuration.nameServer(String($0)) }
      return addresses.count == words.count ? addresses : nil
    }, write: { $0.isEmpty ? "none" : $0.map(\.description).joined(separator: ",") })
}

extension SettingForm where Value == Bool {
  static let flag = SettingForm(
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
  static var choice: SettingForm {
    SettingForm(
      Value.allCases.map(\.rawValue).joined(separator: ", "), parse: { Value(rawValue: $0) }, write: { $0.rawValue })
  }
}
