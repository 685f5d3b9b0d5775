import Glibc

/// What the master has read from a file of settings, the environment and the command line, as its workers take it over:
/// a file that has been changed meanwhile does not concern a single worker that is replaced.
enum InheritedSettings {
  static let variable = "GREENFINCH_SETTINGS"

  /// What this worker's master has read; `nil` where it has read nothing, or this process is not a worker. It is taken out of
  /// the environment: a server that a worker starts has settings of its own.
  static let own: String? = {
    guard PreforkServer.isWorker || PreforkServer.isForkServer, let value = getenv(variable) else { return nil }
    let text = String(cString: value)
    unsetenv(variable)
    return text
  }()

  /// A setting on each line: its name, and its values after tabs.
  static func text(of configuration: Configuration) -> String {
    ServerSettings.all.compactMap { setting in
      switch configuration.source(of: setting) {
      case .standard, .program: nil
      case .file, .environment, .arguments, .commandLine:
        ([setting.name] + setting.texts(in: configuration).map(escaped)).joined(separator: "\t")
      }
    }.joined(separator: "\n")
  }

  static func read(_ text: String, into configuration: inout Configuration) throws(ConfigurationError) {
    // By bytes: to Swift a return and the end of a line after it are one character.
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      guard let setting = ServerSettings.named(String(Substring(fields[0]))) else { continue }
      try setting.set(fields.dropFirst().map { unescaped(Substring($0)) }, from: .commandLine, in: &configuration)
    }
  }

  private static func escaped(_ text: String) -> String {
    String(
      decoding: text.utf8.flatMap { byte -> [UInt8] in
        switch byte {
        case UInt8(ascii: "\n"): Array("\\n".utf8)
        case UInt8(ascii: "\t"): Array("\\t".utf8)
        case UInt8(ascii: "\\"): Array("\\\\".utf8)
        default: [byte]
        }
      }, as: UTF8.self)
  }

  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var isEscape = false
    for byte in text.utf8 {
      if !isEscape && byte == UInt8(ascii: "\\") {
        isEscape = true
        continue
      }
      let meant = byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte == UInt8(ascii: "t") ? UInt8(ascii: "\t") : byte
      bytes.append(isEscape ? meant : byte)
      isEscape = false
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
