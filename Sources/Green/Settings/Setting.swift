internal import Glibc

/// One setting of the runtime: its value is what the program has set, else what the environment says, else the default.
///
/// ```swift
/// Settings.stackSize.value = 64 * 1024   // before Hub.run
/// ```
///
/// A value in the environment that cannot be understood is reported on standard error, once, and the default is used. The
/// environment is read when the setting is first asked for. Any thread may use a setting.
public final class Setting<Value: Sendable>: Sendable {
  /// The variable of the environment.
  public let name: String
  /// What it is for, in a sentence.
  public let meaning: String
  /// What holds where neither the program nor the environment says otherwise.
  public let defaultValue: Value
  private let form: SettingForm<Value>
  private let state = Guarded(State())

  private struct State {
    var own: Value?
    /// What the environment says, once it was asked.
    var environment: Value??
  }

  init(_ name: String, _ form: SettingForm<Value>, default defaultValue: Value, _ meaning: String) {
    self.name = name
    self.form = form
    self.defaultValue = defaultValue
    self.meaning = meaning
  }

  /// The value in force. Setting it affects what is made from then on.
  public var value: Value {
    get { state.withLock { $0.own } ?? fromEnvironment ?? defaultValue }
    set { state.withLock { $0.own = newValue } }
  }

  /// Takes back what the program has set.
  public func reset() { state.withLock { $0.own = nil } }

  /// Where the value in force is from.
  public var source: SettingSource {
    if state.withLock({ $0.own != nil }) { return .program }
    return fromEnvironment == nil ? .standard : .environment
  }

  private var fromEnvironment: Value? {
    if let known = state.withLock({ $0.environment }) { return known }
    let read = getenv(name).map { String(cString: $0) }
    let value = read.flatMap { form.parse($0) }
    let isFirst = state.withLock { state in
      defer { state.environment = .some(value) }
      return state.environment == nil
    }
    if let read, value == nil, isFirst { Report.message(complaint(about: read)) }
    return value
  }

  /// The sentence about a value that cannot be understood.
  func complaint(about text: String) -> String {
    "\(name) is \"\(text)\", not \(form.words); the default, \(form.write(defaultValue)), is used"
  }

  /// What a text means, `nil` when it cannot be understood.
  func parse(_ text: String) -> Value? { form.parse(text) }
}

extension Setting: AnySetting {
  var current: SettingDescription {
    SettingDescription(
      name: name, meaning: meaning, form: form.words, value: form.write(value), defaultValue: form.write(defaultValue),
      source: source)
  }
}
