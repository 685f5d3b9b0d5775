import Green
import GreenTasks
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

  @Test func anActorThatSendsIsFreeForItsReceivers() throws {
    actor Model {
      let saved: AppSignal<Int>
      var notes: [Int] = []

      init(_ saved: AppSignal<Int>) { self.saved = saved }

      func save(_ note: Int) async { await saved.send(note) }
      func add(_ note: Int) { notes.append(note) }
    }
    let signal = AppSignal<Int>("saved")
    let model = Model(signal)
    let calls = Calls()
    signal.connect { calls.add("blocking \($0)") }
    signal.connect { note in await model.add(note) }
    signal.connect { _ in
      await Task.yield()
      throw Fault()
    }
    let notes = try onHub {
      try Fiber.await {
        await model.save(7)
        return await model.notes
      }
    }
    #expect(notes == [7] && calls.all == ["blocking 7"])
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
