import Foundation
import GreenHTTP
import GreenWeb
import GreenWebTesting
import SuiteSupport
import Testing

/// Whatever a client writes into a path, nothing beside the folder is reached through the router.
@Suite(.bounded) struct TraversalTests {
  private let root = FileManager.default.temporaryDirectory.appending(path: "traversal-\(UUID().uuidString)").path
  private let client: TestClient

  init() throws {
    try FileManager.default.createDirectory(atPath: root + "/public/css", withIntermediateDirectories: true)
    for (path, text) in [
      ("secret.txt", "secret"), ("public/a.txt", "a"), ("public/css/a.css", "css"), ("public/.env", "secret"),
    ] {
      try text.write(toFile: "\(root)/\(path)", atomically: true, encoding: .utf8)
    }
    try FileManager.default.createSymbolicLink(atPath: root + "/public/link", withDestinationPath: root)
    let app = App()
    app.files("/static", from: FileFolder(root + "/public"))
    client = app.testClient()
  }

  @Test func whatIsInItIsServed() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try client.get("/static/a.txt").text == "a" && client.get("/static/css/a.css").text == "css")
    #expect(try client.get("/static/%61.txt").text == "a")
  }

  @Test(arguments: [
    "../secret.txt", "..%2fsecret.txt", "..%2Fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt",
    "%2E%2E%2Fsecret.txt",
    ".%2e/secret.txt", "%252e%252e/secret.txt", "%252e%252e%252fsecret.txt", "css/../../secret.txt",
    "css/%2e%2e/%2e%2e/secret.txt",
    "..%5csecret.txt", "..\\secret.txt", "..;/secret.txt", "%c0%ae%c0%ae/secret.txt", "%e0%80%ae%e0%80%ae/secret.txt",
    "..%00/secret.txt", "a.txt%00", "a.txt%00.png", "%00", "a.txt%0a", "//secret.txt", "%2fetc%2fpasswd", "/etc/passwd",
    "link/secret.txt", "link%2fsecret.txt", ".env", "%2eenv", "./.env", "css/../.env", "....//secret.txt",
    "..././secret.txt",
    "file:///etc/passwd", "~root/.bashrc",
  ])
  func nothingBesideItIs(path: String) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let answer = try? client.get("/static/\(path)")
    #expect(answer.map { [400, 404].contains($0.status.code) } ?? true, "\(path)")
    #expect(answer?.text.contains("secret") != true, "\(path)")
  }
}
