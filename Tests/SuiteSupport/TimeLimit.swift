#if canImport(Testing)
  internal import Foundation
  public import Testing

  internal import class Green.Mutex
  internal import TestSupport

  /// A run in which no test begins or ends for a long time hangs: it is ended, with the names of the tests that have not
  /// ended, since nothing else can end a thread that is blocked.
  ///
  /// The library's own limit only cancels tasks, which a blocked thread does not notice. And it would have to be long: tests
  /// block the few threads that there are for all, so that one which has begun may waits for its thread until all
  /// others have ended.
  public struct TimeLimit: SuiteTrait, TestTrait, TestScoping {
    public var isRecursive: Bool { true }

    public func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      let number = Watch.shared.begin("\(test.id)")
      defer { Watch.shared.end(number) }
      try await function()
    }
  }

  extension Trait where Self == TimeLimit {
    /// The tests of the suite are named where they hang: where nothing happens for ten minutes, thirty under a sanitizer, or
    /// `TEST_LIMIT` seconds.
    public static var bounded: TimeLimit { TimeLimit() }
  }

  /// The tests that run, and a thread that looks at them once a second.
  private final class Watch: Sendable {
    static let shared = Watch()

    private struct State {
      var next = 0
      var running: [Int: String] = [:]
      /// How often has been looked since a test began or ended. Not since when: a machine may stand still for a while.
      var looks = 0
    }
    private let state = Mutex(State())
    private let seconds: Double

    private init() {
      let asked = ProcessInfo.processInfo.environment["TEST_LIMIT"].flatMap { Double($0) }
      seconds = asked ?? (Sanitizer.current == nil ? 600 : 1800)
      Thread.detachNewThread {
        while true {
          Thread.sleep(forTimeInterval: 1)
          self.look()
        }
      }
    }

    func begin(_ name: String) -> Int {
      state.withLock { state in
        state.next += 1
        state.running[state.next] = name
        state.looks = 0
        return state.next
      }
    }

    func end(_ number: Int) {
      state.withLock { state in
        state.running[number] = nil
        state.looks = 0
      }
    }

    /// Ends the process where nothing has happened for too long. What the threads do then, Swift's backtracer tells.
    private func look() {
      let hanging = state.withLock { state in
        state.looks += 1
        return Double(state.looks) > seconds ? Array(state.running.values) : []
      }
      if hanging.isEmpty { return }
      for name in hanging.sorted() {
        FileHandle.standardError.write(Data("✘ \(name) hangs: nothing has happened for \(Int(seconds)) s\n".utf8))
      }
      abort()
    }
  }
#endif
