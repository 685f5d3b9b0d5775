import Foundation
import SuiteSupport
import Testing

@testable import GreenServer

/// The pages that are made from the tables of settings. Run with `GREENFINCH_WRITE_PAGES=1` in the environment, these tests write
/// them anew.
@Suite(.bounded) struct SettingsPageTests {
  private func check(_ name: String, ends table: String) throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/GreenServer/GreenServer.docc/\(name).md")
    let text = try String(contentsOf: page, encoding: .utf8)
    if ProcessInfo.processInfo.environment["GREENFINCH_WRITE_PAGES"] != nil {
      let heading = try #require(table.split(separator: "\n").first)
      let start = try #require(text.range(of: heading))
      try (text[..<start.lowerBound] + table).write(to: page, atomically: true, encoding: .utf8)
    } else {
      #expect(text.hasSuffix(table), "\(name).md is not current: run this suite with GREENFINCH_WRITE_PAGES=1")
    }
  }

  @Test func `the page of the documentation has the table of settings`() throws {
    try check("ServerSettings", ends: ServerSettings.page)
  }

  @Test func `the page of gunicorn's settings says what became of each`() throws {
    try check("GunicornSettings", ends: GunicornSettings.page)
  }

  @Test func `every setting that is said to be gunicorn's is in the list of those, once`() {
    let names = GunicornSettings.all.map(\.name)
    #expect(Set(names).count == names.count)
    for setting in ServerSettings.all {
      #expect(names.contains(setting.name) == (setting.gunicorn != .none), "\(setting.name)")
    }
    // gunicorn 27.0.1
    #expect(names.count == 120)
  }
}
