import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

private enum Keys {
  static let name = RequestKey("nobody")
  static let number = RequestKey<Int?>(nil)
}

@Suite(.bounded) struct RequestValueTests {
  @Test func aRequestHasValuesOfItsOwn() throws {
    let (one, other) = (try Request(.get, "/"), try Request(.get, "/"))
    one[Keys.name] = "one"
    one[Keys.number] = 7
    #expect(one[Keys.name] == "one" && one[Keys.number] == 7)
    #expect(other[Keys.name] == "nobody" && other[Keys.number] == nil)
    one[Keys.number] = nil
    #expect(one[Keys.number] == nil)
  }

  @Test func keysOfOneTypeAreTold() throws {
    let request = try Request(.get, "/")
    let keys = (0..<100).map { RequestKey($0) }
    for (number, key) in keys.enumerated().reversed() where number % 3 == 0 { request[key] = -number }
    for (number, key) in keys.enumerated() { #expect(request[key] == (number % 3 == 0 ? -number : number)) }
  }

  @Test func theRequestInProgressIsFoundByWhateverItsHandlerCalls() throws {
    struct Telling: Application {
      func respond(to request: Request) -> Response {
        Keys.name.value = request.path
        return Response("\(Keys.name.value) \(Request.current?.path ?? "none")")
      }
    }
    #expect(Telling().answer(try Request(.get, "/a"), report: { _ in }).body == .string("/a /a"))
    Keys.name.value = "lost"
    #expect(Request.current == nil && Keys.name.value == "nobody")
  }

  /// Of a connection, whose storage is used again.
  @Test func theNextRequestOfAConnectionHasNone() {
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    let handler = Handler { request in
      defer { request[Keys.name] = "set" }
      return Response("[\(request[Keys.name]) \(request.route ?? "no route")]")
    }
    let bodies = serve(get + get + get, with: handler).map(\.body)
    #expect(bodies == Array(repeating: "[nobody no route]", count: 3))
  }

  @Test func valuesEndWithTheRequest() throws {
    final class Ending: Sendable {
      let count: Counter
      init(_ count: Counter) { self.count = count }
      deinit { count.add() }
    }
    let key = RequestKey<Ending?>(nil)
    let count = Counter()
    do {
      let request = try Request(.get, "/")
      request[key] = Ending(count)
      request[key] = Ending(count)
      #expect(count.value == 1)
    }
    #expect(count.value == 2)
  }

  @Test func threadsFibersAndTasksShareARequest() async throws {
    let request = try Request(.get, "/shared?a=1", headers: [.cookie: "b=2"])
    let keys = (0..<8).map { _ in RequestKey(0) }
    await withTaskGroup(of: Void.self) { group in
      for key in keys {
        group.addTask {
          for number in 1...1_000 {
            request[key] = number
            guard request[key] == number, request.path == "/shared", request.cookies.b == "2", request.query.a == "1"
            else {
              Issue.record("mixed up")
              return
            }
          }
        }
      }
    }
    #expect(keys.allSatisfy { request[$0] == 1_000 })
  }

  @Test func aBodyHasOneReaderAtATime() throws {
    try onHub {
      let gate = Event()
      let head = HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/")
      let request = try Request(head, remote: "") { buffer in
        try gate.wait()
        buffer[0] = 65
        return 1
      }
      let first = Fiber.spawn { try request.body.read(upTo: 1) }
      Fiber.yield()
      #expect(throws: BodyInUseError.self) { try request.body.read(upTo: 1) }
      #expect(throws: BodyInUseError.self) { try request.body.bytes() }
      #expect(request.trailers.isEmpty)
      gate.set()
      let bytes = try first.value
      #expect(bytes == [65])
      let next = try request.body.read(upTo: 1)
      #expect(next == [65])
    }
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  func add() { count.withLock { $0 += 1 } }
  var value: Int { count.withLock { $0 } }
}
