import Foundation
import SuiteSupport
import SystemPackage
import Testing

@testable import Green

@Suite(.bounded) struct FileContentsTests {
  private func error(of path: String, upTo limit: Int = 1 << 20) -> Errno? {
    do throws(Errno) {
      _ = try contents(ofFile: path, upTo: limit)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [0, 1, 65_536, 65_537, 200_000]) func allBytesAreRead(count: Int) throws {
    let path = FileManager.default.temporaryDirectory.path + "/contents-\(UUID().uuidString)"
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try contents(ofFile: path) == bytes && contents(ofFile: path, upTo: count) == bytes)
    if count > 0 { #expect(error(of: path, upTo: count - 1) == .fileTooLarge) }
  }

  @Test func whatIsNoFileOrHasNoEndIsAnError() {
    #expect(error(of: "/nowhere/at/all") == .noSuchFileOrDirectory)
    #expect(error(of: "/") == .isDirectory)
    #expect(error(of: "/dev/zero") == .fileTooLarge)
  }
}
