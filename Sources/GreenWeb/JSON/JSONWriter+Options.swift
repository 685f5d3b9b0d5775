internal import FoundationEssentials

/// What is written in another form than the default.
extension JSONWriter {
  /// A value as JSON of some form.
  ///
  /// - Throws: as ``bytes(of:)``.
  static func bytes<Value: Encodable>(of value: Value, _ options: JSONOptions) throws -> [UInt8] {
    let bytes: [UInt8]
    if options.encodesPlainly {
      bytes = try self.bytes(of: value)
    } else {
      let writer = JSONWriter(capacity: 1_000, depth: 0, path: [], calls: 0)
      writer.begin()
      writer.options = options
      writer.hasOptions = true
      bytes = try writer.write(whole: value)
    }
    return options.isPretty ? JSONIndent.indented(bytes) : bytes
  }

  /// Writes a date as the options say. Throws where it is a number that is not finite.
  func write(_ date: Date, for key: @autoclosure () -> (any CodingKey)?) throws {
    if options.dates == .iso8601 && !options.hasFoundationDates { return bytes.append(date: date) }
    let number = number(of: date)
    try checkFinite(number, for: key())
    bytes.append(finite: number)
  }

  private func number(of date: Date) -> Double {
    if options.hasFoundationDates { return date.timeIntervalSinceReferenceDate }
    return date.timeIntervalSince1970 * (options.dates == .secondsSince1970 ? 1 : 1000)
  }

  /// A name in snake case. Those of properties are few: each is made once.
  func snakeCase(_ name: String) -> String {
    if let known = names[name] { return known }
    let made = SnakeCase.name(name)
    if names.count < 1_000 { names[name] = made }
    return made
  }
}
