import Dispatch
import Foundation
import Green
import SuiteSupport
import Synchronization
import TestSupport
import Testing

/// What the watchdog reports of a fiber that runs `body` without the redirect, which the test runner links.
private func reports(_ body: @escaping () -> Void) throws -> [BlockingReport] {
  try onHub {
    var reports: [BlockingReport] = []
    try Hub.current!.watchdog(limit: .milliseconds(50)) { reports.append($0) }
    bypassingRedirect(body)
    try Fiber.sleep(for: .milliseconds(1))
    return reports
  }
}

/// The first report that names a blocker: where a machine keeps the thread from the processor for longer than the limit
/// before `body` has come to that, the report is of this.
private func reportOfBlocker(_ body: @escaping () -> Void) throws -> BlockingReport {
  var others: [BlockingReport] = []
  for _ in 0..<5 {
    let found = try reports(body)
    if let named = found.first(where: { $0.knownBlocker != nil }) { return named }
    others += found
  }
  let none: BlockingReport? = nil
  return try #require(none, "\(others)")
}

@Suite(.bounded) struct KnownBlockerTests {
  @Test(.disabled(if: Sanitizer.current == .thread, "\(Sanitizer.holdsSignalsBack)"))
  func aTaskThatIsWaitedForByADispatchGroupIsNamedWithWhatToUseInstead() async throws {
    try await aside {
      let report = try reportOfBlocker {
        let group = DispatchGroup()
        group.enter()
        Task {
          try await Task.sleep(for: .milliseconds(400))
          group.leave()
        }
        group.wait()
      }
      #expect(report.knownBlocker?.name == "DispatchGroup.wait", "\(report)")
      #expect("\(report)".contains("Instead: withFiberGroup"), "\(report)")
    }
  }

  @Test(.disabled(if: Sanitizer.current == .thread, "\(Sanitizer.holdsSignalsBack)"))
  func aLockOfTheStandardLibraryIsNamed() throws {
    final class Shared: Sendable {
      let mutex = Synchronization.Mutex(0)
      let isHeld = Synchronization.Atomic(false)
    }
    let shared = Shared()
    let report = try reportOfBlocker {
      shared.isHeld.store(false, ordering: .releasing)
      let thread = Thread {
        shared.mutex.withLock { _ in
          shared.isHeld.store(true, ordering: .releasing)
          usleep(400_000)
        }
      }
      thread.start()
      while !shared.isHeld.load(ordering: .acquiring) { usleep(1000) }
      shared.mutex.withLock { $0 += 1 }
    }
    #expect(report.knownBlocker?.name == "Synchronization.Mutex", "\(report)")
  }

  @Test func codeThatComputesIsNoKnownBlocker() throws {
    let reports = try reports {
      let end = Deadline.after(.milliseconds(300))
      while !end.hasPassed {}
    }
    let report = try #require(reports.first, "\(reports)")
    #expect(report.knownBlocker == nil, "\(report)")
  }

  @Test func everyKnownBlockerIsARowOfTheTable() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../Sources/GreenRedirect/GreenRedirect.docc/CannotBeRedirected.md")
    let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(rows.dropFirst(2).first?.contains("group.wait()") == true)
    for blocker in KnownBlocker.all {
      #expect(rows.contains { $0.contains(blocker.name) }, "\(blocker.name) is not in the table")
    }
  }
}
