import Foundation
import GreenWeb
import SuiteSupport
import Testing

@Suite(.bounded) struct AppConfigurationTests {
  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UInt64.random(in: 0...(.max)))").path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func valuesHaveTypes() throws {
    let config = App().config
    config["SIZE"] = "20"
    config["RATIO"] = "1.5"
    config["DEBUG"] = "true"
    #expect(try config.get("SIZE", as: Int.self) == 20 && config.get("RATIO", default: 0.0) == 1.5)
    #expect(try config.get("DEBUG", default: false) && config.get("NONE", default: "x") == "x")
    #expect(try config.get("NONE", as: Int.self) == nil && config["NONE"] == nil)
  }

  @Test func whatIsMissingOrWrongIsToldWithoutTheValue() {
    let config = App().config
    config.environmentPrefix = "NOTES_"
    config["SECRET"] = "hunter2"
    let missing = #expect(throws: AppConfigurationError.self) { try config.require("KEY", as: String.self) }
    #expect(missing?.description == "the configuration has no 'KEY': set NOTES_KEY in the environment, or in a file")
    let error = #expect(throws: AppConfigurationError.self) { try config.get("SECRET", as: Int.self) }
    #expect(error?.description == "the configuration's 'SECRET' is not a valid Int")
  }

  @Test func theEnvironmentGoesBeforeFilesAndThoseBeforeTheProgram() throws {
    let name = "GREENFINCH_TEST_\(UInt32.random(in: 0...(.max)))"
    let config = App().config
    config[name] = "program"
    #expect(config[name] == "program")
    try withFile("\(name)=file") { path in
      try config.load(path)
      #expect(config[name] == "file")
    }
    config.environmentPrefix = "MY_"
    setenv("MY_\(name)", "environment", 1)
    defer { unsetenv("MY_\(name)") }
    #expect(config[name] == "environment")
  }

  @Test func filesAreRead() throws {
    let text = """
      # a comment
      A=1

      export B = two words \t
      C="quoted # text"
      D='x=y'
      E=
      A=2
      """
    try withFile(text) { path in
      let config = App().config
      try config.load(path)
      #expect(["A", "B", "C", "D", "E"].map { config[$0] } == ["2", "two words", "quoted # text", "x=y", ""])
    }
  }

  @Test func filesOfOtherSystemsAreRead() throws {
    try withFile("\u{feff}A=1\r\n# a comment\r\nB=\"two words\" \r\n\r\nexport C='c'") { path in
      let config = App().config
      try config.load(path)
      #expect(["A", "B", "C"].map { config[$0] } == ["1", "two words", "c"])
    }
    try withFile("A=1\r\nx y\r\n") { path in
      let error = #expect(throws: AppConfigurationError.self) { try App().config.load(path) }
      #expect(error?.description == "\(path):2 is not KEY=value")
    }
  }

  @Test(arguments: ["\u{301}", "\u{fe0f}", "\u{200d}"])
  func marksThatCombineHideNothing(_ mark: String) throws {
    try withFile("A=\(mark)1\n#\(mark)\nB=\"\(mark)\"") { path in
      let config = App().config
      try config.load(path)
      #expect(config["A"] == "\(mark)1" && config["B"] == mark)
    }
  }

  @Test(arguments: ["A", "=1", "A B=1", "A=1\nx y"])
  func aLineThatIsNotOneIsToldWithItsPlace(text: String) throws {
    try withFile(text) { path in
      let error = #expect(throws: AppConfigurationError.self) { try App().config.load(path) }
      #expect(error?.description == "\(path):\(text.split(separator: "\n").count) is not KEY=value")
    }
  }

  @Test(arguments: [
    ("/nowhere/at/all", "cannot be read: No such file or directory"), ("/", "cannot be read: Is a directory"),
    ("/dev/zero", "cannot be read: File too large"),
  ])
  func whatIsNotAFileIsToldWithItsReason(path: String, reason: String) {
    let error = #expect(throws: AppConfigurationError.self) { try App().config.load(path) }
    #expect(error?.description == "the configuration '\(path)' \(reason)")
  }

  @Test func aFileThatIsNotTextIsRefused() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UInt64.random(in: 0...(.max)))").path
    try Data([0x41, 0x3d, 0xff]).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: AppConfigurationError.self) { try App().config.load(path) }
    #expect(error?.description == "the configuration '\(path)' is not UTF-8")
  }
}
