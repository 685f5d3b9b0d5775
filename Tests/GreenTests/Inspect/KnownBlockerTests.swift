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

@Suite(.bounded) struct KnownBlockerTests {
  @Test(.disabled(if: Sanitizer.current == .thread, "\(Sanitizer.holdsSignalsBack)"))
  func aTaskThatIsWaitedForByADispatchGroupIsNamedWithWhatToUseInstead() async throws {
    try await aside {
      let reports = try reports {
        let group = DispatchGroup()
        group.enter()
        Task {
          try await Task.sleep(for: .milliseconds(400))
          group.leave()
        }
        group.wait()
      }
      let report = try #require(reports.first, "\(reports)")
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
    let reports = try reports {
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
    let report = try #require(reports.first, "\(reports)")
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
