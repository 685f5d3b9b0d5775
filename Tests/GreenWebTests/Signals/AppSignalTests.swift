import Green
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct AppSignalTests {
  private struct Fault: Error {}

  @Test func allReceiversAreToldInOrder() {
    let signal = AppSignal<Int>("number")
    let calls = Calls()
    signal.send(0)
    signal.connect { calls.add("a\($0)") }
    signal.connect { calls.add("b\($0)") }
    signal.send(1)
    signal.send(2)
    #expect(calls.all == ["a1", "b1", "a2", "b2"])
  }

  @Test func whoIsDisconnectedIsToldNoMore() {
    let signal = AppSignal<Int>()
    let calls = Calls()
    let first = signal.connect { calls.add("a\($0)") }
    signal.connect { number in
      calls.add("b\(number)")
      first.disconnect()
    }
    signal.send(1)
    signal.send(2)
    #expect(calls.all == ["a1", "b1", "b2"])
  }

  @Test func aReceiverThatFailsKeepsNothingFromTheOthers() {
    let signal = AppSignal<String>("failing")
    let calls = Calls()
    signal.connect { _ in throw Fault() }
    signal.connect { calls.add($0) }
    signal.send("x")
    #expect(calls.all == ["x"])
  }

  @Test func receiversMayBeAsyncAndConnectOthers() throws {
    let signal = AppSignal<Int>()
    let calls = Calls()
    signal.connect { number in
      await Task.yield()
      calls.add("async \(number)")
    }
    signal.connect { number in if number == 1 { signal.connect { calls.add("late \($0)") } } }
    try onHub {
      signal.send(1)
      signal.send(2)
    }
    #expect(calls.all == ["async 1", "async 2", "late 2"])
  }
}
