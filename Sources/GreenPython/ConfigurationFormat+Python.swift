import Glibc
import GreenServer

extension ConfigurationFormat {
  /// gunicorn's files of settings, which are programs in Python: `python -m greenfinch._config FILE` runs them, and prints
  /// a line for each setting: its name, and its values after tabs.
  static func python(_ installation: PythonInstallation) -> ConfigurationFormat {
    ConfigurationFormat(name: "Python", suffix: "py", standardName: "gunicorn.conf.py") {
      path throws(ConfigurationSyntaxError) in
      let words = [installation.interpreter, "-m", "greenfinch._config", path]
      let (text, status) = try Self.output(of: words.map(Self.quoted).joined(separator: " "))
      if status != 0 { throw ConfigurationSyntaxError("this cannot be run as a file of settings") }
      return Self.settings(text)
    }
  }

  /// Each line is a setting: its name, then its values, separated by tabs.
  private static func settings(_ text: String) -> [String: ConfigurationValue] {
    var settings: [String: ConfigurationValue] = [:]
    // By bytes: to Swift a return and the end of a line after it are one character.
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
      let values = fields.dropFirst().map { ConfigurationValue.string($0) }
      settings[fields[0]] = values.count == 1 ? values[values.startIndex] : .list(Array(values))
    }
    return settings
  }

  private static func output(of command: String) throws(ConfigurationSyntaxError) -> (String, CInt) {
    guard let pipe = popen(command, "re") else { throw ConfigurationSyntaxError("Python cannot be started") }
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&room, 1, room.count, pipe), count > 0 { bytes += room[..<count] }
    return (String(decoding: bytes, as: UTF8.self), pclose(pipe))
  }

  /// As one word of a shell. By bytes: to Swift a quote and a mark that combines with it are one character.
  private static func quoted(_ text: String) -> String {
    let parts = text.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
    return "'" + parts.map { String(Substring($0)) }.joined(separator: "'\\''") + "'"
  }
}
