import Foundation
import SuiteSupport
import TestSupport
import Testing

/// The library as it was built with the tests, used as C programs do. `make test-deep PART=library` tries it installed.
@Suite(.disabled(if: Sanitizer.current != nil, "a plain program cannot load a library with a sanitizer"), .bounded)
struct LibraryTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL.path
  /// Beside the tests.
  private static let products =
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
  private static let header = root + "/Sources/CLibGreen/include"

  /// Compiles a program of Tests/Library, and runs it.
  private func run(_ name: String, _ arguments: [String], first libraries: [String] = []) throws -> Program.Outcome {
    let program = FileManager.default.temporaryDirectory.appending(path: "green-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: program) }
    let built = try Program(system: "cc").run(
      ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread", "-I", Self.header]
        + ["\(Self.root)/Tests/Library/\(name).c", "-o", program, "-L", Self.products] + libraries
        + ["-lGreenC", "-Wl,-rpath," + Self.products])
    #expect(built.status == 0, "\(built.errors)")
    // The watchdog's signal would end a sleep that nothing redirects.
    return try Program(program).run(arguments, environment: ["GREEN_MAX_BLOCKING_TIME": "0"])
  }

  @Test func everyPromiseOfTheHeaderIsKept() throws {
    let outcome = try run("library_test", ["redirected"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// As for a program that loads the library when it runs.
  @Test func afterTheCLibraryNothingIsRedirected() throws {
    let outcome = try run("library_test", [], first: ["-lc"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func deepCallsHaveABigStack() throws {
    let outcome = try run("big_stack_test", [])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func whatTheHeaderDeclaresTheLibraryDefines() throws {
    let text = try String(contentsOfFile: Self.header + "/green.h", encoding: .utf8)
    let inlined: Set = ["green_spawn", "green_spawn_isolated"]
    let declared = Set(text.matches(of: /\b(green_[a-z_]+)\(/).map { String($0.1) }).subtracting(inlined)
    let symbols = try Program(system: "nm").run(["-D", "--defined-only", Self.products + "/libGreenC.so"])
    let defined = Set(
      symbols.output.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) })
    #expect(declared.count > 30)
    #expect(declared.subtracting(defined).isEmpty)
  }
}
