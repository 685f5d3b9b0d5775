import Foundation
import SuiteSupport
import TestSupport
import Testing

/// What settings change in a server that runs, beyond those that have suites of their own.
@Suite(.bounded) struct SettingsEffectTests {
  private func status(_ server: Server, _ line: String = "GET /pid HTTP/1.1", _ fields: [String] = []) throws -> Int {
    let head = ([line, "Host: x"] + fields + ["Connection: close", "", ""]).joined(separator: "\r\n")
    return try Client(port: server.port).exchange(head).status
  }

  @Test(arguments: everyClass) func headsAreLimitedAsTheSettingsSay(_ arguments: [String]) throws {
    let server = try Server(
      arguments + [
        "--limit-request-line", "60", "--limit-request-fields", "4", "--limit-request-field_size", "50",
        "--http2-max-header-list-size", "100",
      ])
    #expect(try status(server) == 200)
    #expect(try status(server, "GET /pid?\(String(repeating: "a", count: 100)) HTTP/1.1") == 414)
    #expect(try status(server, ["X-Long: " + String(repeating: "a", count: 60)]) == 431)
    #expect(try status(server, ["A: 1", "B: 1", "C: 1"]) == 431)
    // 60 and 50, with their ends, always fit.
    #expect(
      try status(server, ["A: " + String(repeating: "a", count: 40), "B: " + String(repeating: "b", count: 40)]) == 431)
    #expect(server.stop() == 0)
  }

  private func status(_ server: Server, _ fields: [String]) throws -> Int {
    try status(server, "GET /pid HTTP/1.1", fields)
  }

  @Test func limitsOfHeadsCanBeRaised() throws {
    let server = try Server(["-k", "green", "--limit-request-line", "0", "--limit-request-field_size", "100000"])
    #expect(try status(server, "GET /pid?\(String(repeating: "a", count: 60_000)) HTTP/1.1") == 200)
    #expect(try status(server, ["X-Long: " + String(repeating: "a", count: 90_000)]) == 200)
    #expect(try status(Server(["-k", "green"]), "GET /pid?\(String(repeating: "a", count: 4100)) HTTP/1.1") == 414)
    #expect(server.stop() == 0)
  }

  @Test func twoServersShareAPortWhereBothAllowIt() throws {
    let first = try Server(["-k", "green", "--reuse-port"])
    let outcome = try Server(["-k", "green", "--reuse-port"], bind: "127.0.0.1:\(first.port)", waits: false)
    #expect(outcome.logged("Listening at: http://127.0.0.1:\(first.port)"), "\(outcome.log)")
    #expect(outcome.stop() == 0)
    #expect(try get(first.port, "/pid").status == 200)
    #expect(first.stop() == 0)
  }

  @Test func gunicornsVariableIsObeyedAndTheLogSaysSo() throws {
    let server = try Server(
      ["-k", "green"], environment: ["GUNICORN_CMD_ARGS": "-w 2 --preload --worker-tmp-dir /dev/shm"])
    try server.waitForAnswers(of: 2)
    #expect(server.log.contains("[WARNING] GUNICORN_CMD_ARGS is obeyed"), "\(server.log)")
    #expect(server.log.contains("[WARNING] GUNICORN_CMD_ARGS: --preload changes nothing: "), "\(server.log)")
    // A worker that is replaced says it no more.
    #expect(server.log.ranges(of: "--worker-tmp-dir changes nothing").count == 1)
    #expect(server.stop() == 0)
  }
}
