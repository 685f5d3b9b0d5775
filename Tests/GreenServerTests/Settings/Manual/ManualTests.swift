import Foundation
import SuiteSupport
import Testing

@testable import GreenServer

/// The pages of the manual and the completions are made from the table of settings. Run with `GREENFINCH_WRITE_PAGES=1` in the
/// environment, these tests write them anew.
@Suite(.bounded) struct ManualTests {
  @Test(arguments: [
    "man/greenfinch.1", "man/greenfinch.toml.5", "completions/greenfinch.bash", "completions/_greenfinch",
    "completions/greenfinch.fish",
  ])
  func `a file for the shell is current`(_ name: String) throws {
    let text =
      switch name {
      case "man/greenfinch.1": CommandManual.page
      case "man/greenfinch.toml.5": FileManual.page
      case "completions/greenfinch.bash": ShellCompletions.bash
      case "completions/_greenfinch": ShellCompletions.zsh
      default: ShellCompletions.fish
      }
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../../docs/\(name)")
    if ProcessInfo.processInfo.environment["GREENFINCH_WRITE_PAGES"] != nil {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(
        try String(contentsOf: file, encoding: .utf8) == text,
        "docs/\(name) is not current: run this suite with GREENFINCH_WRITE_PAGES=1")
    }
  }

  @Test func `every setting is in the manual, and its flags are completed`() {
    let (command, file) = (CommandManual.page, FileManual.page)
    let flags = Set(Completion.options.flatMap(\.flags))
    for setting in ServerSettings.everyGroup.flatMap(\.settings) {
      #expect(file.contains(".B \(Roff.plain(setting.name))\n"), "\(setting.name)")
      for flag in setting.flags {
        #expect(command.contains(Roff.plain(flag)), "\(flag)")
        #expect(flags.contains(flag), "\(flag)")
      }
    }
  }

  @Test func `the words of a value are offered where all of them are named`() {
    #expect(
      Completion.choices(in: "sync, green (or gevent, eventlet) or thread (or gthread)") == ["sync", "green", "thread"])
    #expect(Completion.choices(in: "shared or thread") == ["shared", "thread"])
    #expect(Completion.choices(in: "a number from 1 to 4096").isEmpty)
    #expect(Completion.choices(in: "HOST:PORT, HOST, :PORT, [IPV6]:PORT or unix:PATH").isEmpty)
  }

  @Test func `text in the manual is never taken for a command`() {
    #expect(Roff.plain(".so /etc/passwd") == "\\&.so /etc/passwd")
    #expect(Roff.plain("a\\b --x") == "a\\eb \\-\\-x")
  }
}
