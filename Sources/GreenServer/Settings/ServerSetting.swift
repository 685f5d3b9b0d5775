internal import Green

/// One setting of the server. It is declared once, in the group where it belongs, and from there the command line, the
/// environment, files of settings, `--help`, `--print-config` and the table in the documentation know it.
///
/// In a program it is a property of ``Configuration``: `configuration.workers = 4`.
public struct ServerSetting<Value: Sendable>: Sendable {
  /// gunicorn's name where gunicorn has it. The key in a file of settings.
  public let name: String
  /// What it is for, in a sentence.
  public let help: String
  let flags: [String]
  let valueName: String
  let variable: SettingVariable?
  let gunicorn: GunicornMeaning
  let since: String
  let standard: @Sendable () -> Value
  let form: SettingForm<Value>
  /// Whether an option may be given several times, each with a value more.
  let isList: Bool
  /// What the option means where no value is given with it; `nil` where it must have one.
  let bareValue: String?
  /// Reads what was given for it, at least one text.
  let read: @Sendable ([String]) throws(SettingFault) -> Value
  /// The value as texts that ``read`` takes.
  let write: @Sendable (Value) -> [String]

  /// - Parameters:
  ///   - flags: as they are typed: `-w`, `--workers`.
  ///   - valueName: the word for its value in `--help`; none for a setting that is switched on by its flag alone.
  ///   - bare: what the option means without a value.
  ///   - variable: the variable of the environment that sets it.
  ///   - gunicorn: what it is beside gunicorn's setting of that name.
  ///   - since: the version that had it first.
  init(
    _ name: String, _ flags: String..., value valueName: String, _ form: SettingForm<Value>,
    default standard: @autoclosure @escaping @Sendable () -> Value, bare: String? = nil,
    variable: SettingVariable? = nil,
    gunicorn: GunicornMeaning = .same, since: String = "0.1", _ help: String
  ) {
    self.name = name
    self.flags = flags
    self.valueName = valueName
    self.form = form
    self.standard = standard
    self.variable = variable
    self.gunicorn = gunicorn
    self.since = since
    self.help = help
    isList = false
    bareValue = bare
    read = { texts throws(SettingFault) in try form.read(texts.last ?? "") }
    write = { [form.write($0)] }
  }
}

extension ServerSetting {
  /// A setting whose option may be given several times; in a file it is a list.
  init<Element>(
    list name: String, _ flags: String..., value valueName: String, _ element: SettingForm<Element>,
    count: ClosedRange<Int>, default standard: Value, variable: SettingVariable? = nil,
    gunicorn: GunicornMeaning = .same, since: String = "0.1", _ help: String
  ) where Value == [Element] {
    self.name = name
    self.flags = flags
    self.valueName = valueName
    self.standard = { standard }
    self.variable = variable
    self.gunicorn = gunicorn
    self.since = since
    self.help = help
    isList = true
    bareValue = nil
    let write: @Sendable (Value) -> [String] = { $0.map(element.write) }
    self.write = write
    let form = SettingForm<Value>(
      "\(count.lowerBound) to \(count.upperBound) of these: \(element.words)",
      read: { text throws(SettingFault) in [try element.read(text)] },
      check: { values throws(SettingFault) in
        if !count.contains(values.count) {
          throw SettingFault("\(values.count) values, of which there can be \(count.lowerBound) to \(count.upperBound)")
        }
        for value in values { try element.check(value) }
      }, write: { write($0).joined(separator: ",") })
    self.form = form
    read = { texts throws(SettingFault) in
      var values: Value = []
      for text in texts { values.append(try element.read(text)) }
      try form.check(values)
      return values
    }
  }
}

/// A variable of the environment that sets a setting.
struct SettingVariable: Sendable, ExpressibleByStringLiteral {
  let name: String
  /// Makes what the setting reads of what the variable says.
  let text: @Sendable (String) -> String

  init(_ name: String, text: @escaping @Sendable (String) -> String = { $0 }) {
    self.name = name
    self.text = text
  }

  init(stringLiteral name: String) { self.init(name) }
}

/// What a setting is beside gunicorn's.
enum GunicornMeaning: Sendable, Equatable {
  case same
  /// gunicorn has a setting of that name with another meaning or default.
  case differs(String)
  /// gunicorn has none.
  case none
}
