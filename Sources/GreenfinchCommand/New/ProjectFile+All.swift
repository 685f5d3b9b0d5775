extension ProjectFile {
  /// All files of a project.
  ///
  /// - Parameter address: where Greenfinch is, the address of a repository or a folder.
  static func all(_ name: ProjectName, address: String) -> [ProjectFile] {
    let (program, module) = (name.program, name.module)
    return [
      ProjectFile(path: "Package.swift", text: package(program, module, address)),
      ProjectFile(path: "Sources/\(module)App/Application.swift", text: application),
      ProjectFile(path: "Sources/\(program)/main.swift", text: main(module)),
      ProjectFile(path: "Tests/\(module)AppTests/ApplicationTests.swift", text: tests(module)),
      ProjectFile(path: "Dockerfile", text: dockerfile(program)),
      ProjectFile(path: "\(program).service", text: unit(program)),
      ProjectFile(path: "\(program).socket", text: socket(program)),
      ProjectFile(path: "README.md", text: readme(program)),
      ProjectFile(path: ".gitignore", text: ".build/\n.swiftpm/\n"),
      ProjectFile(path: ".dockerignore", text: ".build\n.git\n"),
    ]
  }

  /// Whether an address is the path of a folder, and not that of a repository.
  static func isFolder(_ address: String) -> Bool { !address.contains("://") && !address.hasPrefix("git@") }

  private static func package(_ program: String, _ module: String, _ address: String) -> String {
    let isFolder = isFolder(address)
    let dependency =
      isFolder
      ? ".package(name: \"greenfinch\", path: \"\(address)\")" : ".package(url: \"\(address)\", branch: \"main\")"
    // A package is known by the last part of its address.
    let last = address.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? "greenfinch"
    let identity = isFolder ? "greenfinch" : last.hasSuffix(".git") ? String(last.dropLast(4)) : last
    return """
      // swift-tools-version: 6.2
      import PackageDescription

      let package = Package(
        name: "\(program)",
        dependencies: [\(dependency)],
        targets: [
          // The application is a library, so that tests make one without a server.
          .target(name: "\(module)App", dependencies: [.product(name: "Greenfinch", package: "\(identity)")]),
          .executableTarget(
            name: "\(program)",
            dependencies: ["\(module)App", .product(name: "Greenfinch", package: "\(identity)")]),
          .testTarget(
            name: "\(module)AppTests",
            dependencies: ["\(module)App", .product(name: "GreenWebTesting", package: "\(identity)")]),
        ])

      """
  }

  private static let application = """
    import Greenfinch

    struct Greeting: Codable, Sendable {
      var greeting: String
    }

    /// What a visitor may send.
    struct Visitor: Decodable, Sendable, Validated {
      var name: String

      func validate(_ check: inout Validation) {
        check("name", name, .count(1...80))
      }
    }

    /// The application: its routes, and what they answer.
    public func makeApplication() -> App {
      let app = App()
      app.use(SecurityHeaders())

      app.get("/") { _ -> HTML in
        "<!doctype html><title>Hello</title><h1>Hello!</h1><p><a href=\\"/hello/you\\">And you?</a></p>"
      }
      app.get("/hello/{name}") { (_, name: String) in Greeting(greeting: "Hello, \\(name)!") }
      app.post("/hello") { (_, visitor: Body<Visitor>) in Greeting(greeting: "Hello, \\(visitor.name)!") }
      return app
    }

    """

  private static func main(_ module: String) -> String {
    """
    import Greenfinch
    import \(module)App

    // Reads the command line: -w 2 -k green, --help, routes, check.
    makeApplication().run()

    """
  }

  private static func tests(_ module: String) -> String {
    """
    import GreenWebTesting
    import \(module)App
    import Testing

    @Suite struct ApplicationTests {
      private let client = makeApplication().testClient()

      @Test func thePageGreets() throws {
        let page = try client.get("/")
        #expect(page.status == .ok && page.text.contains("<h1>Hello!</h1>"))
      }

      @Test func visitorsAreGreetedByName() throws {
        #expect(try client.get("/hello/Ada").text == #"{"greeting":"Hello, Ada!"}"#)
        #expect(try client.post("/hello", json: ["name": "Ada"]).text == #"{"greeting":"Hello, Ada!"}"#)
      }

      @Test func whoHasNoNameIsToldSo() throws {
        let answer = try client.post("/hello", form: ["name": ""])
        #expect(answer.status == .unprocessableContent && answer.text.contains("must have 1 to 80 characters"))
      }
    }

    """
  }
}
