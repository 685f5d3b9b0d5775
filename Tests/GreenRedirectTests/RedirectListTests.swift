import Foundation
import SuiteSupport
import TestSupport
import Testing

/// What the redirect says it defines, and what a program that links it defines.
@Suite(.bounded) struct RedirectListTests {
  private static let hasSanitizer = Sanitizer.current != nil

  private func lines(of caseName: String) throws -> [String] {
    let outcome = try Program("redirect").run([caseName])
    #expect(outcome.status == 0, "\(outcome.errors)")
    // The last line says that the case has passed.
    return outcome.output.split(separator: "\n").map(String.init).dropLast()
  }

  /// The functions that `nm` finds defined, without the versions of their symbols.
  private func functions(_ arguments: [String], kinds: Set<Substring> = ["T", "W", "i"]) throws -> Set<String> {
    let outcome = try Program(system: "nm").run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let symbols = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    return Set(
      symbols.filter { $0.count == 3 && kinds.contains($0[1]) }
        .map { String($0[2].prefix { $0 != "@" }) })
  }

  // A sanitizer defines functions of its own by libc's names.
  @Test(.disabled(if: hasSanitizer), arguments: ["hello", "redirect"])
  func aProgramDefinesTheListedFunctionsOfLibcAndNoOther(_ program: String) throws {
    let libc = try #require(
      ["/lib/x86_64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6", "/lib64/libc.so.6"]
        .first { FileManager.default.fileExists(atPath: $0) })
    let listed = Set(try lines(of: "the names of the entry points"))
    let defined = try functions(["--defined-only", Program(program).path])
    let ofLibc = try functions(["-D", "--defined-only", libc])
    // Where libdispatch is linked in, its own functions stand, and the program does not show them.
    let hidden = try functions(["--defined-only", Program(program).path], kinds: ["t"])
    let missing = listed.subtracting(defined).filter { !($0.hasPrefix("dispatch_") && hidden.contains($0)) }
    #expect(missing.isEmpty, "listed and not defined")
    // _start and the like are every program's.
    let own = defined.intersection(ofLibc).subtracting(["_init", "_fini", "_start", "main"])
    #expect(own.subtracting(listed).isEmpty, "defined and not listed")
  }

  @Test func thePageListsTheEntryPoints() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/GreenRedirect/GreenRedirect.docc/Redirected.md")
    let table = try lines(of: "the table of the entry points").joined(separator: "\n")
    #expect(try String(contentsOf: page, encoding: .utf8).contains(table), "its table is to be:\n\(table)")
  }

  @Test func theEnvironmentSwitchesItOff() throws {
    let outcome = try Program("redirect").run(["the redirect is off"], environment: ["GREEN_REDIRECT": "off"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
