import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Logs that cannot be opened, written or read: they cost lines, never a process.
@Suite(.serialized, .bounded) struct LogTests {
  @Test(arguments: ["/nowhere/access.log", "/dev/null/access.log", "/tmp"])
  func anAccessLogThatCannotBeOpenedIsOneSentenceBeforeAnyWorkerStarts(_ path: String) throws {
    let outcome = try Program("app").run(["--bind", "127.0.0.1:0", "--access-logfile", path])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("Error: --access-logfile '\(path)' cannot be opened: "), "\(outcome.errors)")
    #expect(!outcome.errors.contains("Booting worker"), "\(outcome.errors)")
  }

  /// What the handler did is done, whether or not its client waited for the answer.
  @Test(arguments: everyClass)
  func answersThatAreBrokenOffAreInTheAccessLog(_ arguments: [String]) throws {
    let path = "/tmp/greenfinch-broken-\(UUID().uuidString).log"
    defer { unlink(path) }
    let server = try Server(arguments + ["--access-logfile", path])
    func isLogged(_ target: String) -> Bool {
      (try? String(contentsOfFile: path, encoding: .utf8))?.contains("\"GET \(target) HTTP/1.1\" 200 ") ?? false
    }
    try Client(port: server.port).send(Array("GET /stream/100000000 HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    try server.waitUntil("the line of an answer that its client broke off") { isLogged("/stream/100000000") }
    _ = try? Client(port: server.port).exchange("GET /stream-broken HTTP/1.1\r\nHost: x\r\n\r\n")
    try server.waitUntil("the line of an answer whose body failed") { isLogged("/stream-broken") }
    #expect(server.logged("/stream-broken") && server.logged("Input/output error"), "\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test func anAccessLogThatIsAFIFOWithoutAReaderHoldsNobody() throws {
    let path = "/tmp/greenfinch-fifo-\(UUID().uuidString)"
    mkfifo(path, 0o600)
    defer { unlink(path) }
    let outcome = try Program("app").run(["--bind", "127.0.0.1:0", "--access-logfile", path])
    #expect(outcome.status == 1 && outcome.errors.contains("cannot be opened"), "\(outcome.errors)")
  }

  @Test(
    .disabled(if: Sanitizer.current == .thread, "ThreadSanitizer maps a file of its own, longer than the limit"),
    arguments: everyClass)
  func anAccessLogAtTheLimitOfAFilesSizeCostsLines(_ arguments: [String]) throws {
    let path = "/tmp/greenfinch-limit-\(UUID().uuidString).log"
    defer { unlink(path) }
    let server = try Server(
      "/bin/sh",
      ["-c", "ulimit -f 1; exec \"$0\" \"$@\"", Program("app").path] + arguments + ["--access-logfile", path])
    let worker = server.workers[0]
    for _ in 0..<40 { #expect(try get(server.port, "/pid").body == "\(worker)") }
    // Of one line, or of more where a thread was stopped before it told of its own.
    try server.waitUntil("word of it") { server.log.contains(/The access log cannot be written: \d+ lines? lost/) }
    #expect(server.stop() == 0)
    #expect(try linesLost(server) + lines(in: path) >= 40, "\(server.log)")
  }

  @Test func aFullDiskCostsLinesUntilThereIsRoomAgain() throws {
    let server = try Server(["-k", "green", "--access-logfile", "/dev/full"])
    for _ in 0..<10 { #expect(try get(server.port, "/pid").status == 200) }
    #expect(server.stop() == 0)
    #expect(try linesLost(server) >= 10, "\(server.log)")
  }

  @Test(arguments: everyClass, [true, false])
  func aStandardErrorThatNobodyReadsHoldsNobody(_ arguments: [String], _ isPipe: Bool) throws {
    // Full before the server starts: a pipe, or a socket as journald's.
    var ends: [Int32] = [-1, -1]
    #expect((isPipe ? pipe(&ends) : socketpair(AF_UNIX, 1, 0, &ends)) == 0)
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let filling = [UInt8](repeating: 0x78, count: 65_536)
    for count in [filling.count, 1] { while write(ends[1], filling, count) > 0 {} }
    _ = fcntl(ends[1], F_SETFL, 0)
    let server = try Server(arguments, errors: FileHandle(fileDescriptor: ends[1], closeOnDealloc: true))
    let worker = server.workers[0]
    for _ in 0..<3 { #expect(try get(server.port, "/throw").status == 500) }
    kill(worker, SIGKILL)
    try server.waitUntil("a replacement") {
      server.workers != [worker] && (try? get(server.port, "/pid"))?.status == 200
    }
    // Somebody reads again: what was lost is told.
    var text = ""
    var room = [UInt8](repeating: 0, count: 65_536)
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    while case let count = read(ends[0], &room, room.count), count > 0 {}
    kill(server.pid, SIGHUP)
    try server.waitUntil("a count of what was lost") {
      if case let count = read(ends[0], &room, room.count), count > 0 {
        text += String(decoding: room[..<count], as: UTF8.self)
      }
      return text.contains("lines lost")
    }
    #expect(server.stop() == 0, "TERM")
  }

  @Test func aStandardErrorThatTheProgramReplacesIsFollowed() throws {
    let path = "/tmp/greenfinch-replaced-\(UUID().uuidString).log"
    defer { unlink(path) }
    let server = try Server(["-k", "green"])
    #expect(try get(server.port, "/replace-errors\(path)").status == 200)
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("replaced"), "\(server.log)")
    #expect(!server.log.contains("replaced"))
  }

  @Test func whatAHandlerPrintsIsSeenWhenItsLineEnds() throws {
    let path = "/tmp/greenfinch-output-\(UUID().uuidString)"
    mkfifo(path, 0o600)
    defer { unlink(path) }
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    let server = try Server("/bin/sh", ["-c", "exec \"$0\" \"$@\" >\(path)", Program("app").path, "-k", "green"])
    #expect(try get(server.port, "/print").status == 200)
    var room = [UInt8](repeating: 0, count: 100)
    var text = ""
    try server.waitUntil("the line") {
      if case let count = read(reader, &room, room.count), count > 0 {
        text += String(decoding: room[..<count], as: UTF8.self)
      }
      return text == "printed\n"
    }
  }

  private func lines(in path: String) throws -> Int {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count
  }

  /// All that the log tells as lost.
  private func linesLost(_ server: Server) throws -> Int {
    try server.waitUntil("the end of the log") { server.log.contains("Shutting down: Master") }
    return server.log.matches(of: /cannot be written: (\d+) line/).reduce(0) { $0 + (Int($1.1) ?? 0) }
  }
}
