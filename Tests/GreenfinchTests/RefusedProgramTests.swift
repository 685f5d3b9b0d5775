import Foundation
import SuiteSupport
import TestSupport
import Testing

private let compiler: String? = {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  return path.split(separator: ":").map { $0 + "/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}()

/// Beside the tests lie the modules that they were linked of.
private let products =
  URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
private let hasModules = FileManager.default.fileExists(atPath: products.path + "/Modules/Greenfinch.swiftmodule")

/// What the compiler says of a program against the modules as they were built; empty where it takes it.
private func complaints(about program: String) throws -> String {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("greenfinch-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let file = folder.appendingPathComponent("Program.swift")
  try Data(program.utf8).write(to: file)
  let outcome = try Program(compiler!).run(
    ["-typecheck", "-parse-as-library", "-swift-version", "6", "-I", products.path + "/Modules"]
      + moduleMaps().flatMap { ["-Xcc", "-fmodule-map-file=" + $0] } + [file.path])
  #expect((outcome.status == 0) == !outcome.errors.contains("error:"), "\(outcome.errors)")
  return outcome.errors
}

/// The C modules of this package, and those of its dependencies.
private func moduleMaps() throws -> [String] {
  let files = FileManager.default
  let own = try files.contentsOfDirectory(atPath: products.path).filter { $0.hasSuffix(".build") }
    .map { products.path + "/" + $0 + "/module.modulemap" }
  let checkouts = products.path + "/../../checkouts"
  let others = try files.subpathsOfDirectory(atPath: checkouts).filter { $0.hasSuffix("include/module.modulemap") }
    .map { checkouts + "/" + $0 }
  return (own + others).filter { files.fileExists(atPath: $0) }
}

/// Programs that could only hang or crash are refused by the compiler, which says what to write instead.
@Suite(.enabled(if: compiler != nil && hasModules, "there is no compiler, or no module"), .bounded)
struct RefusedProgramTests {
  private func program(_ main: String, isAsync: Bool) -> String {
    """
    import Greenfinch
    @main struct Program {
      static func main() \(isAsync ? "async " : "")throws {
        \(main)
      }
    }
    """
  }

  private static let instead = [
    "App().run()": "let main be synchronous: static func main() { app.run() }",
    "App().run(Configuration())": "let main be synchronous: static func main() { app.run() }",
    "try Hub.run { }": "await HubThread().run { } (GreenTasks), or let main be synchronous",
  ]

  @Test(arguments: instead.keys.sorted()) func aServerIsNotRunInATask(_ call: String) throws {
    let complaints = try complaints(about: program(call, isAsync: true))
    #expect(complaints.contains("is unavailable from asynchronous contexts; "), "\(complaints)")
    #expect(complaints.contains(Self.instead[call]!), "\(complaints)")
    #expect(complaints.components(separatedBy: ": error: ").count == 2, "\(complaints)")
  }

  @Test(arguments: instead.keys.sorted()) func inASynchronousMainItIs(_ call: String) throws {
    #expect(try complaints(about: program(call, isAsync: false)) == "")
  }

  @Test func norIsItInATaskOfItsOwn() throws {
    let complaints = try complaints(about: program("Task { App().run() }", isAsync: false))
    #expect(complaints.contains("let main be synchronous"), "\(complaints)")
  }
}
