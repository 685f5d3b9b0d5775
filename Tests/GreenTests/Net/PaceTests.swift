import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct PaceTests {
  /// Whether a peer that moves `bytes` once in `interval` milliseconds is waited for as long as a minute.
  private func isKept(_ bytes: Int, every interval: Int64, patience: Duration = .seconds(30), rate: Int) -> Bool {
    let pace = Pace(patience: patience, rate: rate)
    for _ in 0..<(60_000 / interval) {
      if pace.left <= 0 { return false }
      pace.note(waited: interval * 1_000_000, moved: bytes)
    }
    return pace.left > 0
  }

  @Test func aPeerThatKeepsToTheRateIsNeverCutOff() {
    #expect(isKept(500, every: 1000, rate: 500))
    #expect(isKept(6000, every: 9_900, rate: 500))
    #expect(isKept(51, every: 100, patience: .seconds(1), rate: 500))
  }

  @Test func aPeerBelowTheRateIsCutOff() {
    #expect(!isKept(400, every: 1000, rate: 500))
    #expect(!isKept(1, every: 20_000, rate: 500))
    #expect(!isKept(49, every: 100, patience: .seconds(1), rate: 500))
    #expect(!isKept(0, every: 1000, rate: 0))
  }

  @Test func withoutARateAnyByteWillDo() {
    #expect(isKept(1, every: 20_000, rate: 0))
    #expect(!isKept(0, every: 40_000, rate: 0))
  }

  @Test func extremeValuesDoNotTrap() {
    for rate in [Int.min, -1, 0, 1, .max] {
      for patience in [Duration.seconds(-1), .zero, .nanoseconds(1), .seconds(Int64.max)] {
        let pace = Pace(patience: patience, rate: rate)
        for bytes in [0, 1, Int.max, Int.max] { pace.note(waited: 1, moved: bytes) }
      }
    }
  }

  @Test func whatIsNotTakenEndsTheSend() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let pace = Pace(patience: .milliseconds(100), rate: 1)
      let bytes = [UInt8](repeating: 7, count: 40_000_000)
      let elapsed = seconds {
        #expect(throws: Errno.timedOut) { try bytes.withUnsafeBytes { try server.send($0, pace: pace) } }
      }
      #expect(elapsed >= 0.1 && elapsed < 30)
      withExtendedLifetime(client) {}
    }
  }

  @Test func closingAndCancellingEndIt() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let bytes = [UInt8](repeating: 7, count: 40_000_000)
      let sending = Fiber.spawn {
        try bytes.withUnsafeBytes { try server.send($0, pace: Pace(patience: .seconds(100), rate: 1)) }
      }
      try Fiber.sleep(for: .milliseconds(10))
      server.close()
      #expect(throws: Errno.badFileDescriptor) { try sending.value }
      let (other, second) = try connectedPair()
      let cancelled = Fiber.spawn {
        try bytes.withUnsafeBytes { try second.send($0, pace: Pace(patience: .seconds(100), rate: 1)) }
      }
      try Fiber.sleep(for: .milliseconds(10))
      cancelled.cancel()
      #expect(throws: CancellationError.self) { try cancelled.value }
      withExtendedLifetime((client, other)) {}
    }
  }
}
