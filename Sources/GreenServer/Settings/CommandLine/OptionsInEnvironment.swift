/// Options in a variable of the environment, `GREENFINCH_CMD_ARGS="-w 2 -k green"`.
struct OptionsInEnvironment {
  let variable: String
  let line: CommandLineReader
  let notices: [String]

  static let variable = "GREENFINCH_CMD_ARGS"
  static let gunicornVariable = "GUNICORN_CMD_ARGS"

  /// What there is, the later wins. A fault names the variable.
  static func read(_ environment: (String) -> String?) throws(CommandLineFault) -> [OptionsInEnvironment] {
    var found: [OptionsInEnvironment] = []
    for name in [gunicornVariable, variable] {
      guard let text = environment(name), !text.isEmpty else { continue }
      do throws(CommandLineFault) {
        let line = try CommandLineReader(try ShellWords.split(text))
        let notices = name == variable ? [] : ["\(name) is obeyed; greenfinch's own variable is \(variable)."]
        found.append(OptionsInEnvironment(variable: name, line: line, notices: notices))
      } catch {
        throw CommandLineFault("\(name): \(error.text)")
      }
    }
    return found
  }
}
