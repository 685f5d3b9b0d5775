import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

struct Message: Codable, Equatable {
  var message: String
  var count: Int?
}

@Suite(.bounded) struct ResultTests {
  private func answer(_ make: (App) -> Void) throws -> Response {
    let app = App()
    make(app)
    return try app.ask("/")
  }

  @Test func textIsPlainText() throws {
    let response = try answer { $0.get("/") { _ in "Hello World!" } }
    #expect(response == Response("Hello World!"))
    #expect(response.contentType == "text/plain; charset=utf-8")
    #expect(try answer { $0.get("/") { _ in "Hello World!".prefix(5) } }.text == "Hello")
  }

  @Test func aHandlerOfSeveralStatementsNeedsNoTypes() throws {
    let response = try answer { app in
      app.get("/") { _ in
        _ = 1 + 1
        return "Hello World!"
      }
    }
    #expect(response.text == "Hello World!")
  }

  @Test func anEncodableIsJSON() throws {
    let response = try answer { $0.get("/") { _ in Message(message: "Hello World!") } }
    #expect(response.text == #"{"message":"Hello World!"}"#)
    #expect(response.contentType == "application/json")
    #expect(try answer { $0.get("/") { _ in [1, 2] } }.text == "[1,2]")
    #expect(try answer { $0.get("/") { _ in ["a": true] } }.text == #"{"a":true}"#)
  }

  @Test func bytesAreBytes() throws {
    let response = try answer { $0.get("/") { _ in [UInt8](repeating: 65, count: 3) } }
    #expect(response.body == .bytes([65, 65, 65]))
    #expect(response.contentType == "application/octet-stream")
    #expect(try answer { $0.get("/") { _ in [UInt8]?.none } }.status == .notFound)
    #expect(try answer { $0.get("/") { _ in [UInt8]?.some([66]) } }.body == .bytes([66]))
  }

  @Test func aStatusIsAnAnswer() throws {
    let response = try answer { $0.get("/") { _ in HTTPResponse.Status.accepted } }
    #expect(response.status == .accepted)
    #expect(response.text == "Accepted")
  }

  @Test func aResponseIsItself() throws {
    let wanted = Response(status: .seeOther, headers: [.location: "/x"])
    #expect(try answer { $0.get("/") { _ in wanted } } == wanted)
  }

  @Test func nilIsNotFound() throws {
    #expect(try answer { $0.get("/") { _ in String?.none } }.status == .notFound)
    #expect(try answer { $0.get("/") { _ in String?.some("a") } }.text == "a")
    #expect(try answer { $0.get("/") { _ in Message?.none } }.status == .notFound)
    #expect(try answer { $0.get("/") { _ in Message?.some(Message(message: "a")) } }.text == #"{"message":"a"}"#)
  }

  @Test func aBodyIsDecodedFromJSON() throws {
    let app = App()
    app.post("/") { try $0.json(Message.self) }
    func ask(_ body: String, type: String? = "application/json") throws -> Response {
      try app.ask("POST", "/", type: type, body: body)
    }
    #expect(try ask(#"{"message":"a"}"#).text == #"{"message":"a"}"#)
    #expect(try ask(#"{"message":"a"}"#, type: "application/problem+JSON; charset=utf-8").status == .ok)
    #expect(try ask(#"{"message":"a"}"#, type: "text/plain").status == .unsupportedMediaType)
    #expect(try ask(#"{"message":"a"}"#, type: nil).status == .unsupportedMediaType)
    #expect(try ask("").status == .badRequest)
    #expect(try ask("{").text == "the body is not JSON")
    #expect(try ask("{}").text == #"{"errors":[{"field":"message","message":"is missing"}]}"#)
    #expect(try ask(#"{"message":1}"#).text == #"{"errors":[{"field":"message","message":"must be a string"}]}"#)
    let answer = try ask(#"{"message":"a","count":"b"}"#)
    #expect(answer.text == #"{"errors":[{"field":"count","message":"must be an integer"}]}"#)
    #expect(answer.status == .unprocessableContent)
    #expect(try ask(String(repeating: "[", count: 100_000)).status == .badRequest)
  }
}
