import Foundation
import SuiteSupport
import TestSupport
import Testing

/// What the logs say, and where they go.
@Suite(.serialized, .bounded) struct LogFormatTests {
  @Test(arguments: everyClass)
  func theAccessLogIsWrittenAsItsFormatSays(_ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let format = "%(m)s %(U)s %(s)s %(B)s %(D)s %(L)s %({x-a}i)s %({content-type}o)s %({request_id}e)s %(p)s"
    let server = try Server(
      arguments + ["--access-logfile", folder.path + "/access", "--access-logformat", format])
    let worker = server.workers[0]
    _ = try Client(port: server.port).exchange(
      "GET /pid/20?q HTTP/1.1\r\nHost: x\r\nX-A: a\"b\r\nX-Request-ID: r-1\r\n\r\n")
    #expect(server.stop() == 0)
    // Threads write their lines in any order: that of whoever waited for the server may be the last.
    let line = try #require(folder.text("access").split(separator: "\n").first { $0.contains("/pid/20") })
    let expected = /GET \/pid\/20 200 \d+ (\d+) (\d+)\.(\d{6}) a\\"b text\/plain; charset=utf-8 r-1 <(\d+)>/
    let match = try #require(line.wholeMatch(of: expected), "\(line)")
    #expect(try #require(Int(match.1)) >= 20_000 && Int(match.1) == Int(match.2 + match.3), "\(line)")
    #expect(Int32(match.4) == worker, "\(line)")
  }

  @Test func aFormatThatIsWrongIsOneSentence() throws {
    let outcome = try Program("app").run(["--bind", "127.0.0.1:0", "--access-logformat", "%(x)s"])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("--access-logformat is '%(x)s', in which there is %(x)s"), "\(outcome.errors)")
  }

  @Test func bothLogsCanBeJSON() throws {
    let folder = try TemporaryFolder()
    let server = try Server([
      "-k", "green", "--log-format", "json", "--access-logfile", folder.path + "/access", "--log-file",
      folder.path + "/error",
    ])
    #expect(try get(server.port, "/throw").status == 500)
    #expect(server.stop() == 0)
    for name in ["access", "error"] {
      let lines = folder.text(name).split(separator: "\n")
      #expect(!lines.isEmpty)
      for line in lines {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["logger"] as? String == name && object?["pid"] is Int, "\(line)")
      }
    }
    #expect(folder.text("access").contains(#""target":"/throw""#))
    #expect(folder.text("error").contains(#""level":"ERROR""#))
    #expect(server.log == "", "\(server.log)")
  }

  @Test(arguments: everyClass)
  func theErrorLogIsAFileThatIsOpenedAgain(_ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/error.log"
    let server = try Server(arguments + ["--error-logfile", path])
    #expect(folder.text("error.log").contains("Listening at: ") && folder.text("error.log").contains("Booting worker"))
    try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
    kill(server.pid, SIGUSR1)
    try server.waitUntil("the master's line in the new file") {
      folder.text("error.log").contains("Handling signal: usr1")
    }
    try server.waitUntil("a worker's line in the new file") {
      _ = try get(server.port, "/throw")
      return folder.text("error.log").contains("GET /throw")
    }
    #expect(server.stop() == 0)
    #expect(folder.text("error.log").contains("Shutting down: Master"))
    #expect(server.log == "", "\(server.log)")
  }

  @Test(arguments: everyClass)
  func aFullDiskUnderTheErrorLogHoldsNobody(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--error-logfile", "/dev/full"])
    for _ in 0..<5 { #expect(try get(server.port, "/throw").status == 500) }
    #expect(server.stop() == 0)
  }

  @Test func anErrorLogThatCannotBeOpenedIsOneSentence() throws {
    let outcome = try Program("app").run(["--bind", "127.0.0.1:0", "--error-logfile", "/nowhere/error.log"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasPrefix("Error: --error-logfile '/nowhere/error.log' cannot be opened: "), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test(arguments: everyClass)
  func bothLogsGoToSyslog(_ arguments: [String]) throws {
    let port = try freePort()
    let reader = try LineReader(port: port)
    let server = try Server(
      arguments + [
        "--log-syslog", "--log-syslog-to", "udp://127.0.0.1:\(port)", "--log-syslog-prefix", "shop",
        "--log-syslog-facility", "local0",
      ])
    _ = try get(server.port, "/throw")
    #expect(reader.gets("greenfinch.shop.access: [\(server.workers[0])] 127.0.0.1 - - ["), "\(reader.read())")
    #expect(reader.gets("greenfinch.shop.error: [\(server.pid)] Listening at: "), "\(reader.read())")
    #expect(reader.gets("greenfinch.shop.error: [\(server.workers[0])] GET /throw"), "\(reader.read())")
    // local0 is 16: info 134, error 131.
    #expect(reader.read().contains("<131>") && reader.read().split(separator: "\n").allSatisfy { $0.hasPrefix("<13") })
    #expect(server.stop() == 0)
  }

  @Test(arguments: [false, true])
  func syslogCanBeAUnixSocket(_ isStream: Bool) throws {
    let folder = try TemporaryFolder()
    let reader = try LineReader(path: folder.path + "/log", stream: isStream)
    let server = try Server([
      "-k", "green", "--log-syslog", "--log-syslog-to", "unix://\(folder.path)/log", "--log-syslog-format", "rfc5424",
      "--disable-redirect-access-to-syslog",
    ])
    #expect(reader.gets(" greenfinch.app.error \(server.pid) - - Listening at: "), "\(reader.read())")
    _ = try get(server.port, "/pid")
    #expect(server.stop() == 0)
    #expect(!reader.read().contains(".access"), "\(reader.read())")
  }

  @Test(arguments: everyClass)
  func aSyslogThatNobodyReadsHoldsNobody(_ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    // A stream that is accepted and never read.
    let reader = try LineReader(path: folder.path + "/log", stream: true)
    let server = try Server(
      arguments + [
        "--log-syslog", "--log-syslog-to", "unix://\(folder.path)/log#stream", "--access-logformat",
        String(repeating: "x", count: 8000) + "%(s)s",
      ])
    for _ in 0..<200 { #expect(try get(server.port, "/pid").status == 200) }
    // How many it tells of first is a matter of how many requests ended at once.
    #expect(server.logged("The access log in syslog cannot be written: "), "\(server.log.suffix(2000))")
    _ = reader
    #expect(server.stop() == 0)
  }
}
