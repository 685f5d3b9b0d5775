internal import Green

/// A setting, whatever its value's type.
protocol AnyServerSetting: Sendable {
  var name: String { get }
  var help: String { get }
  var flags: [String] { get }
  var valueName: String { get }
  var variable: SettingVariable? { get }
  var gunicorn: GunicornMeaning { get }
  var since: String { get }
  var isList: Bool { get }
  /// What an option without a value means; `nil` where it must have one.
  var bareValue: String? { get }
  /// What may be written.
  var words: String { get }
  /// The default, as a person writes it.
  var standardText: String { get }
  /// The value that a configuration has, as a person writes it.
  func text(in configuration: Configuration) -> String
  /// The value that a configuration has, as texts that ``set(_:from:in:)`` takes.
  func texts(in configuration: Configuration) -> [String]
  /// The value that a configuration has, as JSON.
  func json(in configuration: Configuration) -> String
  /// Reads what was given, into a configuration.
  func set(_ texts: [String], from source: ConfigurationSource, in configuration: inout Configuration)
    throws(ConfigurationError)
  /// Whether a text can be read as its value.
  func canRead(_ text: String) -> Bool
  /// Throws where the value, which the program may have set, is not allowed.
  func check(in configuration: Configuration) throws(ConfigurationError)
}

extension ServerSetting: AnyServerSetting {
  var words: String { form.words }

  var standardText: String { form.write(standard()) }

  func text(in configuration: Configuration) -> String { form.write(configuration[self]) }

  func texts(in configuration: Configuration) -> [String] { write(configuration[self]) }

  func json(in configuration: Configuration) -> String {
    let value = configuration[self]
    switch value {
    case let number as Int: return "\(number)"
    case let flag as Bool: return flag ? "true" : "false"
    case let duration as Duration: return duration.jsonSeconds
    default: break
    }
    let texts = write(value).map(JSONText.quoted)
    if isList { return "[" + texts.joined(separator: ", ") + "]" }
    // What is optional, and is not there, is written as nothing.
    return texts == ["\"\""] ? "null" : texts.joined()
  }

  func set(_ texts: [String], from source: ConfigurationSource, in configuration: inout Configuration)
    throws(ConfigurationError)
  {
    do throws(SettingFault) {
      for text in texts { try checkCharacters(text) }
      configuration.set(self, try read(texts), from: source)
    } catch {
      let places = source.place(of: self)
      throw ConfigurationError(places, texts.joined(separator: ","), error)
    }
  }

  func canRead(_ text: String) -> Bool {
    do throws(SettingFault) {
      _ = try read([text])
      return true
    } catch {
      return false
    }
  }

  func check(in configuration: Configuration) throws(ConfigurationError) {
    let value = configuration[self]
    do throws(SettingFault) {
      for text in write(value) { try checkCharacters(text) }
      try form.check(value)
    } catch {
      throw ConfigurationError(configuration.source(of: self).place(of: self), form.write(value), error)
    }
  }
}

/// No setting has a use for a control character: the workers could not be told of it, nor could a log.
private func checkCharacters(_ text: String) throws(SettingFault) {
  if text.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
    throw SettingFault("which has a control character in it, such as the end of a line")
  }
}

/// Where a setting's value is from; what stands further down wins.
enum ConfigurationSource: Sendable, Equatable {
  case standard
  case program
  case file(String)
  case environment
  /// Options in a variable of the environment.
  case arguments(in: String)
  case commandLine

  /// What a person who is to mend the value has to look at.
  func place(of setting: any AnyServerSetting) -> String {
    switch self {
    case .standard, .program: setting.name
    case .file(let path): "\(path): \(setting.name)"
    case .environment: setting.variable?.name ?? setting.name
    case .arguments(let variable): "\(variable): \(setting.flags.last ?? setting.name)"
    case .commandLine: setting.flags.last ?? setting.name
    }
  }

  var description: String {
    switch self {
    case .standard: "default"
    case .program: "program"
    case .file(let path): path
    case .environment: "environment"
    case .arguments(let variable): variable
    case .commandLine: "command line"
    }
  }
}
