import Foundation
import Green
import GreenHTTP
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

/// What a client sends as JSON is decoded, or refused, on any stack.
@Suite(.bounded) struct NestedJSONTests {
  private static let stackSize = 128 * 1024

  private func brackets(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  private func post(_ body: String, limits: HTTPLimits = HTTPLimits()) throws -> Response {
    try onHub(stackSize: Self.stackSize) {
      let app = App()
      app.post("/") { "\(try $0.json(Nest.self).depth)" }
      return app.respond(
        to: try Request(
          .post, "/", headers: [.contentType: "application/json"], body: Array(body.utf8), limits: limits))
    }
  }

  @Test func jsonAsDeepAsTheLimitIsDecodedOnASmallStack() throws {
    #expect(try post(brackets(128)).text == "128")
    var limits = HTTPLimits()
    limits.jsonDepth = 512
    #expect(try post(brackets(512), limits: limits).text == "512")
  }

  @Test func deeperJSONIsRefusedWithItsPlace() throws {
    let answer = try post(brackets(129))
    #expect(answer.status == .badRequest)
    #expect(answer.text == "the body's JSON is nested more than 128 deep, at byte 128")
    #expect(try post(String(repeating: "[", count: 1_000_000)).status == .badRequest)
    var limits = HTTPLimits()
    limits.jsonDepth = .max
    #expect(try post(brackets(513), limits: limits).status == .badRequest)
  }

  @Test func bracketsInStringsDoNotCount() throws {
    let app = App()
    app.post("/") { try $0.json([String].self).joined() }
    let many = String(repeating: "[{", count: 500)
    for text in [many, "\\\"" + many, "\\\\"] {
      #expect(try app.ask("POST", "/", type: "application/json", body: "[\"\(text)\"]").status == .ok)
    }
  }

  @Test func nestingCannotHideInAnotherEncoding() throws {
    let body = String(decoding: Array(brackets(10).utf16).flatMap { [UInt8($0), 0] }, as: UTF8.self)
    #expect(try post(body).status == .badRequest)
  }

  @Test func aDeeperValueIsNotEncoded() throws {
    try onHub(stackSize: Self.stackSize) {
      // As deep as it is, it is made and let go of by recursion too.
      try Fiber.onBigStack(bytes: 256 << 20) {
        #expect(try Response.json(Nest(depth: 511)).text == brackets(511))
        for depth in [512, 2_000] {
          let error = #expect(throws: EncodingError.self) { try Response.json(Nest(depth: depth)) }
          guard case .invalidValue(_, let context) = error else { throw NoReason() }
          #expect(context.debugDescription.contains("may be nested up to 511 deep"), "\(context.debugDescription)")
        }
      }
      let app = App()
      app.get("/") { _ in try Fiber.onBigStack { try Response.json(Nest(depth: 600)) } }
      #expect(try app.ask("/").status == .internalServerError)
    }
  }

  private struct NoReason: Error {}

  @Test func whatFoundationEncodesInItsOwnWayStaysSo() throws {
    struct Special: Encodable {
      let date = Date(timeIntervalSinceReferenceDate: 1.5)
      let data = Data([1, 2])
      let url = URL(string: "http://a/b")!
      let decimal = Decimal(string: "0.1")!
      let table = ["b": [1, nil], "a": []]
      let none: Int? = nil
    }
    #expect(
      try Response.json(Special()).text
        == #"{"data":"AQI=","date":"2001-01-01T00:00:01Z","decimal":0.1,"table":{"a":[],"b":[1,null]},"url":"http://a/b"}"#
    )
  }

  @Test func aRecursiveValueIsEncodedOnASmallStack() throws {
    let response = try onHub(stackSize: Self.stackSize) { try Response.json(Nest(depth: 500)) }
    #expect(response.text == brackets(500))
  }
}
