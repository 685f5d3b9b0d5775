import SuiteSupport
import Testing

@testable import GreenServer

/// What a service manager is told, and when.
@Suite(.bounded) struct ServiceMessagesTests {
  private let second: Int64 = 1_000_000_000

  private func state(_ phase: ServiceState.Phase, serving: Int = 2, isAlive: Bool = true) -> ServiceState {
    ServiceState(phase: phase, serving: serving, wanted: 2, isAlive: isAlive)
  }

  @Test func `ready is said once a worker serves, and the status whenever it changes`() {
    var messages = ServiceMessages()
    #expect(messages.next(state(.starting, serving: 0, isAlive: false), at: 0) == [["STATUS=Starting"]])
    #expect(messages.next(state(.starting, serving: 0, isAlive: false), at: 1) == [])
    #expect(messages.next(state(.serving, serving: 1), at: 2) == [["READY=1", "STATUS=1 of 2 workers serve"]])
    #expect(messages.next(state(.serving, serving: 1), at: 3) == [])
    #expect(messages.next(state(.serving), at: 4) == [["STATUS=2 of 2 workers serve"]])
    #expect(messages.next(state(.stopping), at: 5) == [["STOPPING=1", "STATUS=Stopping"]])
    #expect(messages.next(state(.stopping, serving: 0), at: 6) == [])
    #expect(messages.due == nil)
  }

  @Test func `a reload is told with the time when it began, and when it is over`() {
    var messages = ServiceMessages()
    #expect(messages.reloadBegins(at: 1) == [])
    _ = messages.next(state(.serving), at: 0)
    #expect(messages.reloadBegins(at: 5_000_000) == ["RELOADING=1", "MONOTONIC_USEC=5000", "STATUS=Reloading"])
    #expect(messages.next(state(.reloading), at: 6) == [])
    #expect(messages.next(state(.serving), at: 7) == [["READY=1", "STATUS=2 of 2 workers serve"]])
    #expect(messages.next(state(.serving), at: 8) == [])
  }

  @Test func `a reload that cannot even begin is over at once`() {
    var messages = ServiceMessages()
    _ = messages.next(state(.serving), at: 0)
    _ = messages.reloadBegins(at: 1)
    #expect(messages.next(state(.serving), at: 2).first?.first == "READY=1")
  }

  @Test func `the watchdog hears of a server whose workers live`() {
    var messages = ServiceMessages(interval: 5 * second)
    _ = messages.next(state(.starting, serving: 0, isAlive: false), at: 0)
    #expect(messages.due == nil)
    #expect(messages.next(state(.serving), at: second).last == ["WATCHDOG=1"])
    #expect(messages.due == 6 * second)
    #expect(messages.next(state(.serving), at: 5 * second) == [])
    #expect(messages.next(state(.serving), at: 6 * second) == [["WATCHDOG=1"]])
    #expect(messages.next(state(.serving, isAlive: false), at: 11 * second) == [])
    #expect(messages.due == 16 * second)
    #expect(messages.next(state(.serving), at: 16 * second) == [["WATCHDOG=1"]])
  }
}
