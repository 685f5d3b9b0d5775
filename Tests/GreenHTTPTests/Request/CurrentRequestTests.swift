import Green
import GreenHTTP
import SuiteSupport
import TestSupport
import Testing

/// Fibers that handlers have begun: those of one hub share its thread.
private final class Begun<Value>: @unchecked Sendable {
  var fibers: [Fiber<Value>] = []

  func values() throws -> [Value] { try fibers.map { try $0.value } }
}

@Suite(.bounded) struct CurrentRequestTests {
  private func get(_ id: String) -> String { "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: \(id)\r\n\r\n" }

  @Test func eachRequestOfAConnectionHasItsOwnID() {
    let answers = serve(
      get("one") + get("two") + "GET\r\n", with: Handler { _ in Response(Request.currentID ?? "none") })
    #expect(answers.map(\.body).prefix(2) == ["one", "two"])
    #expect(Request.currentID == nil)
  }

  @Test func whatAHandlerBeginsKeepsItsRequestsID() throws {
    try onHub {
      let goOn = Event()
      let begun = Begun<String?>()
      let answers = serve(
        get("one") + get("two") + get("three"),
        with: Handler { request in
          if request.id != "two" {
            begun.fibers.append(
              Fiber.spawn {
                try goOn.wait()
                return Request.currentID
              })
          }
          return Response(Request.currentID ?? "none")
        })
      #expect(answers.map(\.body) == ["one", "two", "three"])
      goOn.set()
      let ids = try begun.values()
      #expect(ids == ["one", "three"])
    }
  }

  @Test func betweenRequestsThereIsNone() {
    final class Asker: HTTPConnectionObserver {
      var ids: [String?] = []
      func becameIdle() { ids.append(Request.currentID) }
      func becameBusy() { ids.append(Request.currentID) }
      func requestStarted(_ request: Request, line: UnsafeRawBufferPointer) { ids.append(Request.currentID) }
    }
    let asker = Asker()
    let pieces = [get("one"), get("two")].map { ScriptedStream.Step.bytes(Array($0.utf8)) }
    _ = serve(ScriptedStream(pieces + [.end]), observer: asker)
    #expect(asker.ids == [nil, nil, "one", nil, nil, "two", nil])
  }

  @Test func aKeptRequestIsCurrentToWhatKeepsIt() throws {
    try onHub {
      let kept = Begun<Bool>()
      let answers = serve(
        get("one") + get("two"),
        with: Handler { request in
          kept.fibers.append(
            Fiber.spawn {
              Fiber.yield()
              return Request.currentID == request.id
            })
          return Response(request.id)
        })
      #expect(answers.map(\.body) == ["one", "two"])
      let areCurrent = try kept.values()
      #expect(areCurrent == [true, true])
    }
  }
}
