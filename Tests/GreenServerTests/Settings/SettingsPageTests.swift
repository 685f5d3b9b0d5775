import Foundation
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct SettingsPageTests {
  @Test func `the page of the documentation has the table of settings`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/GreenServer/GreenServer.docc/ServerSettings.md")
    #expect(
      try String(contentsOf: page, encoding: .utf8).contains(ServerSettings.page),
      "it is to be:\n\(ServerSettings.page)")
  }
}
