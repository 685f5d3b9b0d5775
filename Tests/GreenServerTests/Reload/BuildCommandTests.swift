import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct BuildCommandTests {
  private func command(
    _ program: String, package: String = "/home/me/shop", given: String? = nil, isStatic: Bool = false
  ) throws -> BuildCommand {
    try BuildCommand(for: program, command: given, isStatic: isStatic) { $0 == package + "/Package.swift" }
  }

  @Test(arguments: [
    "/home/me/shop/.build/debug/shop", "/home/me/shop/.build/x86_64-unknown-linux-gnu/debug/shop",
  ])
  func `a program is built as the place says where swift build has put it`(_ program: String) throws {
    let command = try command(program)
    #expect(command.package == "/home/me/shop")
    #expect(command.shown == "swift build --configuration debug --product shop")
  }

  @Test func `another folder for what is built, and a runtime in the program, are kept`() throws {
    let command = try command("/home/me/shop/.build-release/release/shop", isStatic: true)
    #expect(
      command.words == [
        "swift", "build", "--configuration", "release", "--product", "shop", "--scratch-path",
        "/home/me/shop/.build-release", "--static-swift-stdlib",
      ])
  }

  @Test func `a command of one's own is run by the shell in the package's folder`() throws {
    let command = try command("/home/me/shop/bin/shop", given: "make && cp a b")
    #expect(command.words == ["/bin/sh", "-c", "make && cp a b"])
    #expect(command.package == "/home/me/shop")
  }

  @Test func `a program of no package, and one that swift build has not made, are refused with the reason`() {
    #expect { try self.command("/usr/local/bin/shop") } throws: {
      "\($0)" == "--reload: there is no Package.swift above /usr/local/bin/shop, of whose sources it could be built"
    }
    #expect { try self.command("/home/me/shop/bin/shop") } throws: { "\($0)".hasSuffix("by --reload-command") }
  }

  @Test func `a build that fails is told by what the compiler complains about`() {
    let said = """
      [1/3] Compiling shop main.swift
      /home/me/main.swift:1:5: error: cannot find 'x' in scope
      1 | x
        | `- error: cannot find 'x' in scope
      /home/me/main.swift:1:5: error: cannot find 'x' in scope
      error: fatalError
      """
    #expect(
      Build.complaints(in: said) == ["/home/me/main.swift:1:5: error: cannot find 'x' in scope", "error: fatalError"])
    #expect(Build.complaints(in: "make: *** no rule\nmake: stopped\n") == ["make: *** no rule", "make: stopped"])
  }
}
