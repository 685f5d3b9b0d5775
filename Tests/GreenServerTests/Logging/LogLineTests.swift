import Glibc
import Green
import Logging
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct LogLineTests {
  private func line(_ level: Logger.Level, _ message: String, _ metadata: [(String, String)] = []) -> String {
    LogLine.format(message, level: level, pid: 39391, time: LocalTime(secondsSince1970: 0), metadata: metadata)
  }

  @Test func `a line is gunicorn's`() throws {
    let line = line(.info, "Starting greenfinch 0.1.0")
    #expect(line.wholeMatch(of: /\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[39391\] \[INFO\] Starting .*\n/) != nil)
  }

  @Test func `levels have gunicorn's names`() {
    let names = [Logger.Level.trace, .debug, .info, .notice, .warning, .error, .critical].map(LogLine.name)
    #expect(names == ["DEBUG", "DEBUG", "INFO", "INFO", "WARNING", "ERROR", "CRITICAL"])
  }

  @Test func `metadata follow as key=value, quoted where they would break apart`() {
    let line = line(.error, "x", [("a", "1"), ("b", "two words"), ("c", "l\n")])
    #expect(line.hasSuffix("[ERROR] x a=1 b=\"two words\" c=\"l\\x0a\"\n"))
  }

  @Test func `what another has said holds nobody where it is not read, and is counted`() {
    var ends: [CInt] = [-1, -1]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let log = LogFile(ends[1])
    let piece = [UInt8](repeating: 0x78, count: 16_384)
    let taken = (0..<100).count { _ in piece.withUnsafeBytes { log.write($0) } }
    #expect(taken > 0 && taken < 100 && log.takeLost() == 100 - taken && !log.isWorking)
  }

  @Test func `nothing a client sends ends a field or the line`() {
    #expect(LogText.escaped("a\"b\\c\n\u{1b}[31m\u{9b}é") == #"a\"b\\c\x0a\x1b[31m\x9bé"#)
  }

  @Test func `what a terminal obeys is escaped on every path, in both logs`() {
    #expect(LogText.escaped("a\u{9b}31m") == #"a\x9b31m"#)
    #expect(LogText.escaped("é – € سلام") == "é – € سلام")
    #expect(LogText.escaped("a\u{61c}b\u{200e}c\u{200f}d") == #"a\u{61c}b\u{200e}c\u{200f}d"#)
    #expect(LogText.escaped("a\u{202e}b\u{2066}c") == #"a\u{202e}b\u{2066}c"#)
    #expect(line(.error, "x", [("a", "\u{9b}31m")]).hasSuffix("[ERROR] x a=\"\\x9b31m\"\n"))
    #expect(line(.error, "\u{1b}[31m \u{9b}31m").hasSuffix(#"[ERROR] \x1b[31m \x9b31m"# + "\n"))
  }

  @Test func `a message of several lines is marked as continued`() {
    let line = line(.error, "failed: a\n[2026-11-22 09:00:00 +0000] [1] [INFO] forged\r\nb\u{2028}c")
    let lines = line.split(separator: "\n")
    #expect(lines.count == 3 && lines.dropFirst().allSatisfy { $0.hasPrefix("  | ") }, "\(line)")
    #expect(line.hasSuffix(#"forged\x0d"# + "\n" + #"  | b\u{2028}c"# + "\n"))
    #expect(LogText.message("the program said:\nno\n") == "the program said:\n  | no")
  }

  @Test func `the host of a peer is its address without the port`() {
    #expect(AccessRecord.host(ofPeer: "127.0.0.1:40312") == "127.0.0.1")
    #expect(AccessRecord.host(ofPeer: "[::1]:40312") == "::1")
    #expect(AccessRecord.host(ofPeer: "unix:") == "-")
  }

  @Test func `a line of JSON has the message and its metadata as members`() {
    let line = LogLine.json(
      "two \"words\"\n\u{1b}", level: .warning, pid: 7, time: Timestamp(seconds: 0, nanoseconds: 5_000_000),
      metadata: [("request.id", "a"), ("pid", "b")])
    let rest =
      #""level":"WARNING","logger":"error","pid":7,"message":"two \"words\"\n\u001b","request.id":"a","metadata.pid":"b"}"#
    #expect(line.hasSuffix(rest + "\n"), "\(line)")
    let time = /\{"time":"19(69|70)-\d\d-\d\dT\d\d:\d\d:\d\d\.005[+-]\d\d:\d\d",/
    #expect(line.prefixMatch(of: time) != nil, "\(line)")
  }
}
