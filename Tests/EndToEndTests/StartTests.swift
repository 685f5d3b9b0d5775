import Foundation
import SuiteSupport
import TestSupport
import Testing

@Suite(.serialized, .bounded) struct StartTests {
  @Test(
    arguments: [
      ("--no-such-option", 2), ("-w many", 2), ("-w 0", 1), ("-k fast", 1), ("--worker-connections 0", 1),
      ("--threads 0", 1), ("--bind nonsense:port", 1), ("--timeout -1", 1), ("--log-level loud", 1),
      ("--umask 22", 1), ("--umask 01000", 1), ("--umask 09", 1),
    ] as [(String, Int32)])
  func aWrongOptionIsOneSentence(_ arguments: String, _ status: Int32) throws {
    let outcome = try Program("app").run(arguments.split(separator: " ").map(String.init))
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func helpAndVersion() throws {
    #expect(try Program("app").run(["--help"]).output.contains("--worker-class"))
    let help = try Program("app").run(["--help-all"])
    #expect(help.status == 0)
    for option in [
      "--workers", "--worker-class", "--worker-connections", "--threads", "--bind", "--backlog", "--keep-alive",
      "--timeout", "--graceful-timeout", "--limit-request-body", "--min-rate", "--request-timeout", "--umask",
      "--access-logfile", "--log-level",
    ] { #expect(help.output.contains(option)) }
    let version = try Program("app").run(["--version"])
    #expect(version.status == 0 && version.output.contains(/greenfinch \d+\.\d+\.\d+/))
  }

  @Test(arguments: ["APP_FAILS", "APP_DIES"])
  func whenNoWorkerEverBootsTheServerSaysWhyAndEndsWith3(_ how: String) throws {
    let server = try Server(["-w", "2", "-k", "green"], environment: [how: "1"], waits: false)
    #expect(server.waitForEnd() == 3)
    #expect(server.logged("Worker failed to boot."), "\(server.log)")
    #expect(server.logged(how == "APP_FAILS" ? "Broken" : "code 9"), "the reason: \(server.log)")
  }

  @Test func aBootThatHangsIsEnded() throws {
    // Zero is as long as the other.
    let server = try Server(
      ["-k", "green", "--timeout", "1", "--boot-timeout", "0"], environment: ["APP_HANGS": "1"], waits: false)
    #expect(server.waitForEnd() == 3)
    #expect(server.logged("WORKER TIMEOUT"), "\(server.log)")
  }

  @Test func anAddressInUseIsTriedAgainAndThenAnError() throws {
    let first = try Server(["-k", "green"])
    let outcome = try Program("app").run(["--bind", "127.0.0.1:\(first.port)"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("Connection in use: ('127.0.0.1', \(first.port))"), "\(outcome.errors)")
    #expect(outcome.errors.components(separatedBy: "Retrying in 1 second.").count == 5 + 1, "\(outcome.errors)")
  }

  @Test(arguments: everyClass)
  func aSignalThatComesBeforeTheServerListensIsObeyed(_ arguments: [String]) throws {
    // It tries to listen for five seconds, in which the first is to end.
    let isObeyed = try passesOnce {
      let first = try Server(["-k", "green"])
      let server = try Server(arguments + ["-w", "1"], port: first.port, waits: false)
      try server.waitUntil("another's address") { server.log.contains("Retrying in 1 second.") }
      for signal in [SIGHUP, SIGUSR1, SIGTTIN] { kill(server.pid, signal) }
      #expect(first.stop() == 0)
      try server.waitUntil("a second worker") {
        !server.isRunning || (server.log.contains("Handling signal: ttin") && server.workers.count == 2)
      }
      if !server.isRunning && server.log.contains("Can't connect to") { return false }
      #expect(try get(server.port, "/pid").status == 200, "\(server.log)")
      #expect(server.logged("Handling signal: hup") && server.logged("Handling signal: usr1"), "\(server.log)")
      #expect(server.stop() == 0)
      return true
    }
    #expect(isObeyed)
  }

  @Test func aUnixSocketIsServedAndRemovedAtTheEnd() throws {
    let path = "/tmp/greenfinch-e2e-\(UUID().uuidString).sock"
    try Data().write(to: URL(fileURLWithPath: path + ".other"))
    defer { unlink(path + ".other") }
    for _ in 0..<2 {
      let server = try Server(["-k", "green"], bind: "unix:\(path)")
      let outcome = try Program(system: "curl").run(["-s", "--max-time", "60", "--unix-socket", path, "http://x/pid"])
      #expect(Int(outcome.output) != nil, "\(outcome.output)\(outcome.errors)\(server.log)")
      #expect(server.stop() == 0)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test(arguments: [([], 0o777), (["--umask", "0027"], 0o750), (["--umask", "0x1f"], 0o740)] as [([String], mode_t)])
  func aUnixSocketAllowsAllButTheUmask(_ arguments: [String], _ mode: mode_t) throws {
    let path = "/tmp/greenfinch-umask-\(UUID().uuidString).sock"
    // Whatever the umask of who started it.
    let server = try Server(
      "/bin/sh", ["-c", "umask 077; exec \"$0\" \"$@\"", Program("app").path, "-k", "green"] + arguments,
      bind: "unix:\(path)")
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == mode, "\(String(status.st_mode, radix: 8))")
    #expect(server.stop() == 0)
  }

  @Test func severalAddressesAreServedAtOnce() throws {
    let path = "/tmp/greenfinch-e2e2-\(UUID().uuidString).sock"
    let server = try Server(["-k", "green", "--bind", "unix:\(path)"])
    #expect(try get(server.port, "/pid").status == 200)
    let outcome = try Program(system: "curl").run(["-s", "--max-time", "60", "--unix-socket", path, "http://x/pid"])
    #expect(Int(outcome.output) != nil)
    server.stop()
  }

  @Test func theAccessLogHasGunicornsForm() throws {
    let path = "/tmp/greenfinch-access-\(UUID().uuidString).log"
    defer { unlink(path) }
    let server = try Server(["-k", "green", "--access-logfile", path])
    let client = try Client(port: server.port)
    _ = try client.exchange("GET /pid?a=1 HTTP/1.1\r\nHost: x\r\nUser-Agent: te\"st\r\nReferer: there\r\n\r\n")
    server.stop()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let line =
      #"127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET /pid\?a=1 HTTP/1\.1" 200 \d+ "there" "te\\"st""#
    #expect(text.range(of: line, options: .regularExpression) != nil, "\(text)")
  }

  @Test(arguments: everyClass)
  func startedInATaskItEndsInOneSentence(_ arguments: [String]) throws {
    let server = try Server(arguments, environment: ["APP_ASYNC": "1"], waits: false)
    #expect(server.waitForEnd() == 1)
    #expect(server.logged("let main be synchronous"), "\(server.log)")
    #expect(server.log.split(separator: "\n").count == 1, "\(server.log)")
  }

  @Test func aRouteThatIsThereAlreadySaysSo() throws {
    let outcome = try Program("app").run(environment: ["APP_DUPLICATE": "1", "SWIFT_BACKTRACE": "enable=no"])
    #expect(outcome.errors.contains("GET /pid is served already, by GET /pid"), "\(outcome.errors)")
  }

  @Test(arguments: [
    ("type", "the handler of '/wrong/{id:int}' takes 'id' as String, which the pattern says is Int"),
    ("count", "the handler of '/wrong/{a}/{b}' takes 1 parameters of the path, which has 2: all are taken, or none"),
  ])
  func aHandlerThatDoesNotFitItsPatternEndsTheStart(_ kind: String, _ sentence: String) throws {
    let outcome = try Program("app").run(environment: ["APP_ROUTE": kind, "SWIFT_BACKTRACE": "enable=no"])
    #expect(outcome.status != 0 && outcome.errors.contains(sentence), "\(outcome.errors)")
    #expect(!outcome.errors.contains("Listening at"), "\(outcome.errors)")
  }

  @Test func threadsInTheMasterAreMentioned() throws {
    let server = try Server(["-k", "green"], environment: ["APP_THREAD": "1"])
    #expect(server.logged("onWorkerStart"), "\(server.log)")
  }

  @Test func theWorkersVariableIsUselessElsewhere() throws {
    let server = try Server(["-k", "green"])
    let worker = server.workers[0]
    let visible = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(worker)/environ"))
    let text = String(decoding: visible, as: UTF8.self)
    let variable = text.split(separator: "\0").first { $0.hasPrefix("GREENFINCH_WORKER=") }
    guard let variable else { try Test.cancel("it cannot be seen") }
    // A program that got hold of it is a master like any other.
    let other = try Server(["-k", "green"], environment: ["GREENFINCH_WORKER": String(variable.dropFirst(18))])
    #expect(other.logged("Starting greenfinch"), "\(other.log)")
  }
}
