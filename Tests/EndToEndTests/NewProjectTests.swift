import Foundation
import SuiteSupport
import TestSupport
import Testing

private let compiler: String? = {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  return path.split(separator: ":").map { $0 + "/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}()
private let products =
  URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
private let hasModules = FileManager.default.fileExists(atPath: products + "/Modules/Greenfinch.swiftmodule")

/// `greenfinch new`, and `check` of programs. Tests/Deploy/new builds what is written, and runs its tests.
@Suite(.bounded) struct NewProjectTests {
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.path + "/greenfinch-new-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
  }

  private func write(_ arguments: [String]) throws -> Program.Outcome {
    try Program("greenfinch").run(["new"] + arguments)
  }

  @Test func everythingIsThereAndNamedAfterTheProject() throws {
    let folder = try Folder()
    let outcome = try write([folder.path + "/my-shop", "--greenfinch", "/opt/greenfinch"])
    #expect(outcome.status == 0 && outcome.output.contains("swift run my-shop"), "\(outcome.errors)")
    let files = [
      ".dockerignore", ".gitignore", "Dockerfile", "Package.swift", "README.md", "Sources", "Sources/MyShopApp",
      "Sources/MyShopApp/Application.swift", "Sources/my-shop", "Sources/my-shop/main.swift", "Tests",
      "Tests/MyShopAppTests", "Tests/MyShopAppTests/ApplicationTests.swift", "my-shop.service", "my-shop.socket",
    ]
    #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/my-shop").sorted() == files)
    let package = try folder.text("my-shop/Package.swift")
    #expect(package.contains(#".package(name: "greenfinch", path: "/opt/greenfinch")"#))
    let image = try folder.text("my-shop/Dockerfile")
    // Whichever user a container has can make the control socket there.
    #expect(image.contains("--product my-shop") && image.contains("install --directory --mode 1777 /run/app\n"))
    #expect(try folder.text("my-shop/my-shop.service").contains("/usr/local/bin/my-shop --workers 2"))
  }

  @Test(.enabled(if: compiler != nil)) func allItsSourcesParse() throws {
    let folder = try Folder()
    #expect(try write([folder.path + "/shop_2", "--greenfinch=https://example.org/g/greenfinch-copy.git"]).status == 0)
    let root = folder.path + "/shop_2"
    let sources = try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".swift") }
    #expect(sources.count == 4)
    for source in sources {
      let outcome = try Program(compiler!).run(["-parse", "-swift-version", "6", "\(root)/\(source)"])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(source): \(outcome.errors)")
    }
    let package = try folder.text("shop_2/Package.swift")
    #expect(package.contains(#".package(url: "https://example.org/g/greenfinch-copy.git", branch: "main")"#))
    #expect(package.contains(#".product(name: "Greenfinch", package: "greenfinch-copy")"#))
  }

  @Test(.enabled(if: compiler != nil && hasModules)) func itsSourcesAreTakenWithTheModulesAsTheyAre() throws {
    let folder = try Folder()
    #expect(try write([folder.path + "/shop"]).status == 0)
    let options =
      ["-swift-version", "6", "-I", products + "/Modules", "-I", folder.path]
      + (try moduleMaps()).flatMap { ["-Xcc", "-fmodule-map-file=" + $0] }
    let library = try Program(compiler!).run(
      ["-emit-module", "-parse-as-library", "-module-name", "ShopApp", "-o", folder.path + "/ShopApp.swiftmodule"]
        + options
        + [folder.path + "/shop/Sources/ShopApp/Application.swift"])
    #expect(library.status == 0 && library.errors.isEmpty, "\(library.errors)")
    let main = try Program(compiler!).run(["-typecheck"] + options + [folder.path + "/shop/Sources/shop/main.swift"])
    #expect(main.status == 0 && main.errors.isEmpty, "\(main.errors)")
  }

  /// The C modules of this package, and those of its dependencies.
  private func moduleMaps() throws -> [String] {
    let files = FileManager.default
    let own = try files.contentsOfDirectory(atPath: products).filter { $0.hasSuffix(".build") }
      .map { "\(products)/\($0)/module.modulemap" }
    let checkouts = products + "/../../checkouts"
    let others = try files.subpathsOfDirectory(atPath: checkouts).filter { $0.hasSuffix("include/module.modulemap") }
      .map { "\(checkouts)/\($0)" }
    return (own + others).filter { files.fileExists(atPath: $0) }
  }

  @Test func theUnitsCommandIsUnderstood() throws {
    let folder = try Folder()
    #expect(try write([folder.path + "/shop"]).status == 0)
    let unit = try folder.text("shop/shop.service")
    let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    let outcome = try Program("app").run(line.split(separator: " ").dropFirst().map(String.init) + ["--check-config"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(arguments: [
    "1shop", "my shop", "shöp", "-shop", "Greenfinch", "testing", "a.b", String(repeating: "a", count: 61),
  ])
  func aNameThatNoProgramCanHaveIsRefused(_ name: String) throws {
    let folder = try Folder()
    let outcome = try write(["\(folder.path)/\(name)"])
    #expect(outcome.status == 1 && outcome.errors.contains("cannot be a project's name"), "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func whatIsThereIsNotWrittenOver() throws {
    let folder = try Folder()
    #expect(try write([folder.path + "/shop"]).status == 0)
    try "mine".write(toFile: folder.path + "/shop/README.md", atomically: true, encoding: .utf8)
    let again = try write([folder.path + "/shop"])
    #expect(again.status == 1 && again.errors.contains("cannot be made: File exists"), "\(again.errors)")
    #expect(try folder.text("shop/README.md") == "mine")
    let nowhere = try write([folder.path + "/none/shop"])
    #expect(nowhere.status == 1 && nowhere.errors.contains("No such file"), "\(nowhere.errors)")
  }

  @Test func aFolderIsSeenFromWhereTheCommandIsRun() throws {
    let folder = try Folder()
    #expect(try write([folder.path + "/shop", "--greenfinch", "./."]).status == 0)
    let here = FileManager.default.currentDirectoryPath
    let package = try folder.text("shop/Package.swift")
    #expect(package.contains(".package(name: \"greenfinch\", path: \"\(here)\")"))
    #expect(try write([folder.path + "/other"]).status == 0)
    #expect(try folder.text("other/Package.swift").contains(#".package(name: "greenfinch", path: "../greenfinch")"#))
    let nowhere = try write([folder.path + "/third", "--greenfinch=./\(UUID().uuidString)"])
    #expect(
      nowhere.status == 1 && nowhere.errors.contains("cannot be found from here: No such file"), "\(nowhere.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/third"))
  }

  @Test func wordsThatMakeNoSenseAreTold() throws {
    #expect(try write([]).status == 2 && write(["--what", "shop"]).status == 2 && write(["a", "b"]).status == 2)
    let help = try write(["--help"])
    #expect(help.status == 0 && help.output.hasPrefix("usage: greenfinch new NAME"))
    let folder = try Folder()
    let quote = try write([folder.path + "/shop", "--greenfinch", "/a\"b"])
    #expect(quote.status == 1 && quote.errors.contains("is not an address"), "\(quote.errors)")
  }

  @Test func aProgramSaysWhetherItIsSetUpRightly() throws {
    let right = try Program("app").run(["check", "-k", "green"])
    #expect(right.status == 0 && right.output.contains("routes and the settings are right"), "\(right.errors)")
    let wrong = try Program("app").run(["check", "-w", "0"])
    #expect(wrong.status == 1 && wrong.output.isEmpty && wrong.errors.contains("'0'"), "\(wrong.errors)")
    let unread = try Program("app").run(["check", "--what"])
    #expect(unread.status == 2, "\(unread.errors)")
  }
}
