#if canImport(Testing)
  internal import Foundation
  public import Testing

  internal import class Green.Mutex
  internal import TestSupport

  /// A test that does not end in its time ends the run, with its name: nothing else can end a thread that hangs. The
  /// library's own limit only cancels tasks, which a blocked thread does not notice.
  public struct TimeLimit: SuiteTrait, TestTrait, TestScoping {
    let seconds: Double
    public var isRecursive: Bool { true }

    public func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      let number = Watch.shared.begin("\(test.id)", seconds: seconds)
      defer { Watch.shared.end(number) }
      try await function()
    }
  }

  extension Trait where Self == TimeLimit {
    /// Each test of the suite has five minutes, and twenty under a sanitizer.
    public static var bounded: TimeLimit { .bounded(minutes: 5) }

    /// Each test of the suite has so many minutes, four times as many under a sanitizer; or `TEST_LIMIT` seconds, for machines
    /// that are slower still.
    public static func bounded(minutes: Double) -> TimeLimit {
      let limit = ProcessInfo.processInfo.environment["TEST_LIMIT"].flatMap { Double($0) }
      return TimeLimit(seconds: limit ?? minutes * 60 * (Sanitizer.current == nil ? 1 : 4))
    }
  }

  /// The tests that run, and a thread that looks at them once a second.
  private final class Watch: Sendable {
    static let shared = Watch()

    private struct Running {
      let name: String
      let seconds: Double
      let end: Date
    }
    private struct State {
      var next = 0
      var running: [Int: Running] = [:]
    }
    private let state = Mutex(State())

    private init() {
      Thread.detachNewThread {
        while true {
          Thread.sleep(forTimeInterval: 1)
          self.look()
        }
      }
    }

    func begin(_ name: String, seconds: Double) -> Int {
      state.withLock { state in
        state.next += 1
        state.running[state.next] = Running(name: name, seconds: seconds, end: Date() + seconds)
        return state.next
      }
    }

    func end(_ number: Int) { state.withLock { $0.running[number] = nil } }

    /// Ends the process where a test is late. What the other threads do then, Swift's backtracer tells.
    private func look() {
      let late = state.withLock { $0.running.values.filter { $0.end < Date() } }
      if late.isEmpty { return }
      for test in late {
        FileHandle.standardError.write(Data("✘ \(test.name) has not ended in \(Int(test.seconds)) s\n".utf8))
      }
      abort()
    }
  }
#endif
