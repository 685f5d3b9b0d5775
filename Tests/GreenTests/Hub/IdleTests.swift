import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Whether system calls can be traced here: containers may forbid it.
private let canTrace =
  (try? Program(system: "strace").run(["-o", "/dev/null", "/bin/true"]))?.status == 0

@Suite(.bounded) struct IdleTests {
  @Test(.enabled(if: canTrace, "strace cannot trace here"))
  func anIdleHubMakesNoSystemCallAndIsNotWokenEvenByTheWatchdog() throws {
    let trace = FileManager.default.temporaryDirectory.appendingPathComponent("idle-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: trace) }
    let outcome = try Program(system: "strace").run(
      ["-f", "-o", trace, Program("runtime").path, "an idle hub"], environment: ["GREEN_MAX_BLOCKING_TIME": "50ms"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    let first = try #require(lines.firstIndex { $0.contains("write(2, \"idle") }, "\(lines.suffix(50))")
    let last = try #require(lines.firstIndex { $0.contains("write(2, \"done") }, "\(lines.suffix(50))")
    let between = lines[(first + 1)..<last].filter { !$0.contains("<unfinished") }
    // It goes to sleep once more, the watchdog's timer runs out once, and it wakes when three seconds have passed.
    #expect(between.count { $0.contains("SIGURG") } <= 1, "\(between)")
    #expect(between.count { $0.contains("epoll_") } <= 4, "\(between)")
    #expect(between.count <= 12, "\(between)")
  }
}
