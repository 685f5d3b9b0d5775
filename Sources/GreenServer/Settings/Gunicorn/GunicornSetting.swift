internal import Green

/// One of gunicorn's settings, and what becomes of it here.
struct GunicornSetting: Sendable {
  enum Fate: Sendable {
    /// It is in ``ServerSettings``, which says the rest.
    case known
    /// It may be written, and changes nothing; why.
    case changesNothing(String)
    /// Only gunicorn's default may be written; why.
    case hasNoMeaning(String)
  }

  let name: String
  let flags: [String]
  /// Whether a value follows its flag.
  let takesValue: Bool
  /// gunicorn's default, as a file of settings has it; `nil` for none.
  let standard: String?
  let fate: Fate

  private init(_ name: String, _ flags: [String], takesValue: Bool, standard: String?, _ fate: Fate) {
    self.name = name
    self.flags = flags
    self.takesValue = takesValue
    self.standard = standard
    self.fate = fate
  }

  /// One that the table of settings has.
  static func known(_ name: String) -> GunicornSetting {
    GunicornSetting(name, [], takesValue: false, standard: nil, .known)
  }

  /// One that changes nothing. `isSwitch`: no value follows its flag; `default`: gunicorn's.
  static func ignored(
    _ name: String, _ flags: String..., isSwitch: Bool = false, default standard: String? = nil, because why: String
  ) -> GunicornSetting {
    GunicornSetting(name, flags, takesValue: !isSwitch, standard: standard, .changesNothing(why))
  }

  /// One without a meaning here.
  static func refused(
    _ name: String, _ flags: String..., isSwitch: Bool = false, default standard: String? = nil, because why: String
  ) -> GunicornSetting {
    GunicornSetting(name, flags, takesValue: !isSwitch, standard: standard, .hasNoMeaning(why))
  }

  /// Whether what is written for it is what gunicorn has anyway.
  func isStandard(_ texts: [String]) -> Bool {
    let text = texts.joined(separator: ",")
    return text == standard ?? "" || standard == nil && ["false", "none"].contains(text.lowercased())
  }

  /// Throws where it cannot be as it is written; else what its writer should know, if anything.
  func notice(of texts: [String], at place: String) throws(ConfigurationError) -> String? {
    switch fate {
    case .known: return nil
    case .changesNothing(let why): return isStandard(texts) ? nil : "\(place) changes nothing: \(why)."
    case .hasNoMeaning(let why):
      if isStandard(texts) { return nil }
      throw ConfigurationError(place, texts.joined(separator: ","), SettingFault("which has no meaning here: \(why)"))
    }
  }
}
