import Foundation
import SuiteSupport
import TestSupport
import Testing

/// `--debug`, with servers of real processes.
@Suite(.serialized, .bounded) struct DebugPageTests {
  private func ask(_ server: Server, host: String) throws -> Client.Response {
    try Client(port: server.port).exchange("GET /throw HTTP/1.1\r\nHost: \(host)\r\nAccept: text/html\r\n\r\n")
  }

  @Test(arguments: everyClass)
  func anErrorIsShownOnThisMachine(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--debug"])
    let answer = try ask(server, host: "127.0.0.1:\(server.port)")
    #expect(answer.status == 500 && answer.body.contains("<h1>Broken</h1>"), "\(answer.body)")
    #expect(answer.body.contains("app/main.swift:") && answer.body.contains("throw Broken()"), "\(answer.body)")
    #expect(try !ask(server, host: "attacker.example").body.contains("Broken"))
    #expect(server.logged("Broken"))
    #expect(server.stop() == 0)
  }

  @Test func withoutTheOptionNothingIsShown() throws {
    let server = try Server(["-k", "green"])
    #expect(try !ask(server, host: "localhost").body.contains("Broken"))
    #expect(server.stop() == 0)
  }

  @Test(arguments: ["0.0.0.0:0", "[::]:0", "unix:/tmp/debug-page.sock", "192.0.2.1:80", "fd://3", ":8000"])
  func whereOthersReachTheServerItDoesNotStart(_ address: String) throws {
    let outcome = try Program("app").run(["--debug", "--bind", address])
    #expect(outcome.status == 1 && outcome.errors.contains("--debug"), "\(outcome.errors)")
    #expect(outcome.errors.contains("on this machine alone"), "\(outcome.errors)")
  }
}
