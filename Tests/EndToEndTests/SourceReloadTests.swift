import Foundation
import SuiteSupport
import TestSupport
import Testing

/// --reload: sources that change are built, and what has been built takes the place of what serves.
@Suite(.serialized, .bounded) struct SourceReloadTests {
  /// A package whose program is the tests' own, and a command `swift` that notes how it is called: it fails where a source has
  /// the word "broken" in it.
  private final class Package {
    let folder: TemporaryFolder
    var path: String { folder.path }
    var program: String { path + "/.build/debug/app" }

    init() throws {
      folder = try TemporaryFolder()
      for part in [".build/debug", "Sources/app", "bin"] {
        try FileManager.default.createDirectory(atPath: "\(path)/\(part)", withIntermediateDirectories: true)
      }
      try copyProgram(Program("app").path, to: program)
      try write("Package.swift", "// swift-tools-version: 6.2")
      try write("Sources/app/main.swift", "print()")
      try write(
        "swift.sh",
        """
        #!/bin/sh
        echo "$@" >> "\(path)/calls"
        echo "Building for debugging"
        if grep -q broken Sources/app/main.swift; then
          echo "$PWD/Sources/app/main.swift:1:1: error: this does not compile"
          exit 1
        fi
        """)
      try copyProgram("\(path)/swift.sh", to: "\(path)/bin/swift")
      chmod(path + "/bin/swift", 0o755)
    }

    func write(_ file: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }

    func server(_ arguments: [String]) throws -> Server {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      return try Server(
        program, ["-k", "green", "--reload"] + arguments, environment: ["PATH": "\(self.path)/bin:\(path)"])
    }
  }

  private func replaced(_ before: [pid_t], in server: Server) throws {
    try server.waitUntil("a new worker") {
      server.workers.count == 1 && Set(server.workers).isDisjoint(with: before)
    }
  }

  @Test(arguments: [[], ["--reload-engine", "poll"]])
  func aSourceThatChangesIsBuiltAndServed(_ arguments: [String]) throws {
    let package = try Package()
    let server = try package.server(arguments)
    let before = server.workers
    let load = Load(on: server.port)
    try package.write("Sources/app/main.swift", "print(1)")
    try replaced(before, in: server)
    #expect(server.logged("Sources/app/main.swift has changed: swift build --configuration debug --product app"))
    // A program with Swift's runtime inside is built so again.
    #expect(package.folder.text("calls").hasPrefix("build --configuration debug --product app"))
    #expect(server.logged("Building for debugging"), "the progress of the build is shown")
    #expect(server.logged("after it was saved"), "\(server.log)")
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test func aBuildThatFailsLeavesTheWorkersOfBeforeAndSaysWhy() throws {
    let package = try Package()
    let server = try package.server([])
    let before = server.workers
    try package.write("Sources/app/main.swift", "broken")
    #expect(server.logged("[ERROR] \(package.path)/Sources/app/main.swift:1:1: error: this does not compile"))
    #expect(server.logged("; the workers of before go on"), "\(server.log)")
    #expect(server.workers == before)
    #expect(try get(server.port, "/pid").status == 200)
    let page = try Client(port: server.port).exchange(
      "GET /pid HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\nConnection: close\r\n\r\n")
    #expect(page.status == 500 && page.body.contains("error: this does not compile"), "a browser is shown why")
    try package.write("Sources/app/main.swift", "mended")
    try replaced(before, in: server)
    #expect(server.stop() == 0)
  }

  @Test func aFurtherFileIsNotBuilt() throws {
    let package = try Package()
    try package.write("words.txt", "1")
    let server = try package.server(["--reload-extra-file", package.path + "/words.txt"])
    let before = server.workers
    try package.write("words.txt", "22")
    try replaced(before, in: server)
    #expect(package.folder.text("calls") == "")
    #expect(server.stop() == 0)
  }

  @Test func anotherCommandThatBuildsIsTaken() throws {
    let package = try Package()
    let server = try package.server(["--reload-command", "echo made > made"])
    let before = server.workers
    try package.write("Sources/app/other.swift", "")
    try replaced(before, in: server)
    #expect(package.folder.text("made") == "made\n")
    #expect(server.stop() == 0)
  }

  @Test func aServerThatStopsEndsItsBuild() throws {
    let package = try Package()
    let server = try package.server(["--reload-command", "echo $$ > number; exec sleep 60"])
    try package.write("Sources/app/main.swift", "print(1)")
    try server.waitUntil("the build") { package.folder.text("number").hasSuffix("\n") }
    let build = try #require(pid_t(package.folder.text("number").dropLast()))
    #expect(server.stop() == 0)
    #expect(comesTrue { !exists(build) })
  }

  @Test func aProgramOfNoPackageIsRefused() throws {
    let folder = try TemporaryFolder()
    try copyProgram(Program("hello").path, to: folder.path + "/hello")
    let outcome = try Program(folder.path + "/hello").run(["--reload", "-b", "127.0.0.1:0"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("--reload: there is no Package.swift above \(folder.path)/hello"), "\(outcome)")
  }
}
