import Foundation
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct SourceTreeTests {
  /// Files in a folder that is gone with the object.
  private final class Package {
    let path = FileManager.default.temporaryDirectory.appending(path: "gf-\(UUID().uuidString.prefix(8))").path
    var tree: SourceTree { SourceTree(package: path, extraFiles: [path + "/words.txt"]) }

    init() throws {
      for file in [
        "Package.swift", "Sources/shop/main.swift", "Sources/shop/page.html", "CLib/lib.c", "access.log", "words.txt",
        ".build/debug/made.swift", "Sources/shop/.main.swift.swp",
      ] { try write(file, "1") }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ file: String, _ text: String) throws {
      let url = URL(fileURLWithPath: "\(path)/\(file)")
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }

    /// The files that have changed since, as paths in the package.
    func changes(since look: SourceTree.Look) -> [String] {
      tree.look().changes(since: look).map { String($0.dropFirst(path.count + 1)) }
    }
  }

  @Test func `sources everywhere, all that lies in Sources, and files that are named are looked at, and nothing else`()
    throws
  {
    let package = try Package()
    #expect(
      package.changes(since: SourceTree.Look()) == [
        "CLib/lib.c", "Package.swift", "Sources/shop/main.swift", "Sources/shop/page.html", "words.txt",
      ])
  }

  @Test func `a file that is written, made or gone is a change, and one that is only read is not`() throws {
    let package = try Package()
    let look = package.tree.look()
    #expect(package.changes(since: look) == [])
    try package.write("Sources/shop/main.swift", "22")
    try package.write("Sources/shop/Models/Item.swift", "")
    try FileManager.default.removeItem(atPath: package.path + "/CLib/lib.c")
    try package.write("access.log", "22")
    #expect(
      package.changes(since: look) == ["CLib/lib.c", "Sources/shop/Models/Item.swift", "Sources/shop/main.swift"])
  }

  @Test func `a folder that is linked into itself ends`() throws {
    let package = try Package()
    try FileManager.default.createSymbolicLink(
      atPath: package.path + "/Sources/again", withDestinationPath: package.path + "/Sources")
    #expect(package.tree.look().files.count == 5)
  }
}
