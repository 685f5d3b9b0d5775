import Glibc
import Green
import SuiteSupport
import Testing

@Suite(.bounded) struct SignalTests {
  @Test func signalsHaveTheirNames() {
    #expect("\(Signal.terminate)" == "SIGTERM")
    #expect("\(Signal.hangup) \(Signal.user1) \(Signal.child)" == "SIGHUP SIGUSR1 SIGCHLD")
    #expect("\(Signal(rawValue: 0)) \(Signal(rawValue: 77)) \(Signal(rawValue: -3))" == "signal 0 signal 77 signal -3")
    #expect(Signal.realtime(3)?.description == "SIGRTMIN+3")
    #expect(Signal.realtime(0)?.description == "SIGRTMIN")
    #expect(Signal.realtime(-1) == nil && Signal.realtime(1000) == nil)
  }

  @Test(arguments: ["TERM", "SIGTERM", "sigterm", "term"])
  func namesAreUnderstood(_ name: String) { #expect(Signal(name: name) == .terminate) }

  @Test(arguments: ["", "SIG", "TERMINATE", "signal 77", "15"])
  func otherNamesAreNot(_ name: String) { #expect(Signal(name: name) == nil) }

  @Test func everySignalsNameIsItsOwn() {
    for number in Int32(1)...64 where Signal(rawValue: number).canBeWatched {
      let signal = Signal(rawValue: number)
      #expect(Signal(name: signal.description) == signal)
    }
  }

  @Test func whatCannotBeCaughtCannotBeWatched() {
    let refused = (Int32(-1)...66).filter { !Signal(rawValue: $0).canBeWatched }
    let expected = [-1, 0, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGKILL, SIGSEGV, SIGSTOP, 32, 33, 65, 66]
    #expect(Set(refused) == Set(expected))
  }
}
