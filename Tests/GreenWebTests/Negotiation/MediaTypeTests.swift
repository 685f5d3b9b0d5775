import GreenTesting
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

@testable import GreenHTTP
@testable import GreenWeb

/// `Accept`: RFC 9110, 12.5.1, and Werkzeug's `TestMIMEAccept`.
@Suite(.bounded) struct MediaTypeTests {
  private func app() -> App {
    let app = App()
    app.get("/notes") { _ in
      Negotiated(
        .html("<p>\("a&b")</p>"), .json(["a": 1]), .text("a"), .csv(CSV(["a"], [["1"]])),
        .other("application/atom+xml", "<feed/>"))
    }
    return app
  }

  @Test(
    arguments: [
      (nil, "text/html"), ("*/*", "text/html"), ("application/json", "application/json"),
      ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
      ("application/json;q=0.5, text/plain", "text/plain"), ("application/json, text/plain", "application/json"),
      ("text/*;q=0.3, application/json;q=0.2", "text/html"), ("text/*, text/html;q=0", "text/plain"),
      ("*/*, text/html;q=0.1", "application/json"), ("text/csv", "text/csv"),
      ("application/atom+xml", "application/atom+xml"),
      ("APPLICATION/JSON", "application/json"), ("text/html;q=0.0, application/json;q=0.001", "application/json"),
      (" application/json ; q=1 , text/plain ; q=0.9", "application/json"),
      ("text/html;charset=UTF-8", "text/html"), ("text/html;charset=\"utf-8\"", "text/html"),
      ("text/html;level=1, application/json", "application/json"), ("image/png, */*;q=0.1", "text/html"),
      // What cannot be read is as if it were not there.
      ("", "text/html"), (",,,", "text/html"), ("html", "text/html"), ("*/html, application/json", "application/json"),
      ("text/html;x=\",\", text/plain", "text/plain"), ("text/html;q=2, application/json;q=0.1", "application/json"),
      ("\"", "text/html"), ("text/html;x=\"\\\",application/json", "text/html"),
    ] as [(String?, String)])
  func theOneThatTheClientLikesBestIsSent(accept: String?, type: String) throws {
    var headers: HTTPFields = [:]
    headers[.accept] = accept
    let answer = try app().testClient().get("/notes", headers: headers)
    #expect(answer.status == .ok)
    #expect(answer.headers[.contentType]?.split(separator: ";").first.map(String.init) == type)
    #expect(answer.headers[.vary] == "Accept")
  }

  @Test(arguments: [
    "image/png", "text/html;q=0, application/*;q=0, text/*;q=0", "*/*;q=0", "text/markdown", "a/b;q=0.5",
  ])
  func whereNoneFitsTheAnswerListsThem(accept: String) throws {
    let answer = try app().testClient().get("/notes", headers: [.accept: accept])
    #expect(answer.status == .notAcceptable && answer.headers[.vary] == "Accept")
    #expect(answer.text == "this is there as text/html, application/json, text/plain, text/csv, application/atom+xml")
  }

  @Test func onlyWhatIsSentIsMade() throws {
    let calls = Calls()
    @Sendable func make(_ name: String) -> String {
      calls.add(name)
      return name
    }
    let app = App()
    app.get("/") { _ in Negotiated(.json(make("json")), .text(make("text")), .html("\(make("html"))")) }
    #expect(try app.testClient().get("/", headers: [.accept: "text/plain"]).text == "text")
    #expect(calls.take() == ["text"])
    #expect(try app.testClient().get("/").text == "\"json\"")
    #expect(calls.take() == ["json"])
    #expect(try app.testClient().get("/", headers: [.accept: "a/b"]).status == .notAcceptable)
    #expect(calls.take().isEmpty)
  }

  @Test func asyncFunctionsMayMakeThem() throws {
    let calls = Calls()
    @Sendable func make(_ name: String) async throws -> String {
      try await Task.sleep(for: .milliseconds(1))
      calls.add(name)
      return name
    }
    let app = App()
    app.get("/") { _ in
      Negotiated(
        .json { try await [make("json")] }, .text { try await make("text") },
        .html {
          let text = try await make("html")
          return "<p>\(text)</p>"
        },
        .csv { try await CSV(["a"], [[make("csv")]]) }, .other("text/x-a") { try await make("other") })
    }
    for (type, text) in [
      ("application/json", #"["json"]"#), ("text/plain", "text"), ("text/html", "<p>html</p>"),
      ("text/csv", "a\r\ncsv\r\n"), ("text/x-a", "other"),
    ] {
      let answer = try app.testClient().get("/", headers: [.accept: type])
      #expect(answer.text == text && answer.headers[.contentType]?.hasPrefix(type) == true)
    }
    #expect(calls.all == ["json", "text", "html", "csv", "other"])
  }

  @Test func whatIsThrownWhileItIsMadeIsTheAnswer() throws {
    let app = App()
    app.get("/") { _ in Negotiated(.html(try { () throws -> HTML in throw HTTPError(.conflict, "not now") }())) }
    #expect(try app.testClient().get("/").status == .conflict)
  }

  @Test func whatItSaysOfOthersIsKept() throws {
    let app = App()
    app.get("/") { _ async in
      Negotiated(.other("text/x-a", Response(headers: [.vary: "Cookie"], body: .string("a"))), .text("b"))
    }
    let answer = try app.testClient().get("/", headers: [.accept: "text/x-a"])
    #expect(answer.headers[.vary] == "Cookie, Accept" && answer.headers[.contentType] == "text/x-a")
  }

  @Test func errorHandlersAskWhatTheClientLikes() throws {
    let app = App()
    app.errorHandler(.notFound) { _, request in
      request.preferredType(of: "text/html", "application/json") ?? "neither"
    }
    let client = app.testClient()
    #expect(try client.get("/x").text == "text/html")
    #expect(try client.get("/x", headers: [.accept: "application/json"]).text == "application/json")
    #expect(try client.get("/x", headers: [.accept: "image/*"]).text == "neither")
  }

  @Test func jsonHasTheFormOfTheApplication() throws {
    struct Thing: Encodable { var someName = 1 }
    let app = App()
    app.json = JSONOptions(keys: .snakeCase)
    app.get("/") { _ in Negotiated(.json(Thing())) }
    app.get("/own") { _ in Negotiated(.json(Thing(), options: JSONOptions())) }
    #expect(try app.testClient().get("/").text == #"{"some_name":1}"#)
    #expect(try app.testClient().get("/own").text == #"{"someName":1}"#)
  }

  @Test func aLongFieldIsNotReadToItsEnd() {
    func ranges(_ count: Int) -> String { String(repeating: "a/b;x=\"\\\",\";q=0.1, ", count: count) + "text/plain" }
    #expect(AcceptedTypes(ranges(10)).best(of: ["text/html", "text/plain"]) == 1)
    // Behind so many it is not looked at.
    #expect(AcceptedTypes(ranges(5_000)).best(of: ["text/html", "text/plain"]) == nil)
  }

  @Test(arguments: 1...4)
  func whateverComesIsRead(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let parts = [
      "text", "/", "html", "*", ";", ",", "q", "=", "\"", "\\", " ", "0", "1", ".", "é", "level", "\t", "-",
      "999999999999999999999",
    ]
    for _ in 0..<1_000 {
      let field = (0..<Int.random(in: 0...14, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        .joined()
      let accepted = AcceptedTypes(field)
      #expect((0...1000).contains(accepted.weight(of: "text/html")) && accepted.weight(of: "none") == 0, "\(field)")
    }
  }

  // MARK: Tables

  @Test func tablesAreWrittenAsTheStandardHasThem() throws {
    let table = CSV(["id", "a,b"], [["1", "say \"hi\""], ["two\nlines", " x "], ["", "é"], ["=1+1", "-2"]])
    #expect(table.text == "id,\"a,b\"\r\n1,\"say \"\"hi\"\"\"\r\n\"two\nlines\",\" x \"\r\n,é\r\n=1+1,-2\r\n")
    #expect(CSV(["one"], [[""], ["x"]]).text == "one\r\n\"\"\r\nx\r\n")
    let app = App()
    app.get("/") { _ in table }
    #expect(try app.testClient().get("/").headers[.contentType] == "text/csv; charset=utf-8; header=present")
  }

  @Test(arguments: [
    "=HYPERLINK(\"http://evil.test\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＠a",
  ])
  func formulasAreTextWhereSpreadsheetsReadThem(value: String) {
    let line = String(decoding: CSV(["a"], [[value]], isForSpreadsheets: true).text.utf8.dropFirst(3), as: UTF8.self)
    #expect(line.hasPrefix("'") || line.hasPrefix("\"'"))
    #expect(CSV(["a"], [["x"]], isForSpreadsheets: true).text == "a\r\nx\r\n")
    // Elsewhere these stand between the values.
    #expect(CSV(["a"], [["x;=1"], ["x\t=1"]], isForSpreadsheets: true).text == "a\r\n\"x;=1\"\r\n\"x\t=1\"\r\n")
  }

  /// A quote with a mark that combines with it is one character.
  @Test func noQuoteEndsAValue() {
    let text = CSV(["a"], [["a\"\u{301},=1"]]).text
    #expect(Array(text.utf8) == Array("a\r\n\"a\"\"\u{301},=1\"\r\n".utf8))
  }

  @Test func aCharsetIsNoReasonToRefuseWhatHasNone() {
    let types = ["application/json", "text/html; charset=utf-8"]
    #expect(AcceptedTypes("application/json; charset=utf-8").best(of: types) == 0)
    #expect(AcceptedTypes("text/html; charset=latin1").best(of: types) == nil)
    #expect(AcceptedTypes("application/json; v=2").best(of: types) == nil)
  }

  @Test func aTypeIsNamedOrAmongOthers() {
    #expect(AcceptedTypes("a/b, application/problem+json;q=0.1").names("application/problem+json"))
    for field in [nil, "*/*", "application/*", "application/json", "application/problem+json;q=0.000", "x;\"a/b,\""] {
      #expect(!AcceptedTypes(field).names("application/problem+json"), "\(field ?? "none")")
    }
  }
}
