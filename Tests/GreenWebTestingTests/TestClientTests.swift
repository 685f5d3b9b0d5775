import GreenHTTP
import GreenWeb
import GreenWebTesting
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct TestClientTests {
  private let app: App = {
    let app = App()
    app.get("/login/{name}") { (_, name: String) in
      var response = Response.redirect(to: "/home")
      response.setCookie(Cookie("user", name))
      response.setCookie(Cookie("part", "1", path: "/part"))
      return response
    }
    app.get("/home") { request in "hello, \(request.cookies.user ?? "nobody")" }
    app.get("/part/cookies") { request in request.cookies.elements.map(\.name).joined(separator: " ") }
    app.get("/logout") { _ in
      var response = Response("bye")
      response.deleteCookie("user")
      return response
    }
    app.post("/echo") { request in
      "\(request.header(.contentType) ?? "-")|\(try request.body.text())"
    }
    app.post("/form") { request in
      let form = try request.form()
      return "\(form.a ?? "-") \(try form.file("f").map { "\($0.filename) \(try $0.bytes().count)" } ?? "no file")"
    }
    app.get("/loop") { _ in Response.redirect(to: "/loop") }
    app.get("/to") { request in Response.redirect(toTrusted: request.query.address ?? "") }
    app.post("/kept") { _ in Response.redirect(to: "/echo", status: .temporaryRedirect) }
    app.get("/stream") { _ in
      StreamedBody { body in for number in 0..<3 { try body.write("\(number)") } }
    }
    return app
  }()

  @Test func itKeepsCookies() throws {
    let client = app.testClient()
    #expect(try client.get("/home").text == "hello, nobody")
    #expect(try client.get("/login/Eve").status == .seeOther)
    #expect(try client.get("/home").text == "hello, Eve" && client.cookies() == ["user": "Eve"])
    #expect(try client.get("/part/cookies").text == "part user")
    #expect(try client.get("/logout").text == "bye" && client.cookies().isEmpty)
    #expect(try client.get("/home").text == "hello, nobody")
  }

  @Test func itFollowsRedirectsWhereItIsTold() throws {
    let client = app.testClient(followRedirects: true)
    #expect(try client.get("/login/Eve").text == "hello, Eve")
    #expect(throws: (any Error).self) { try client.get("/loop") }
    #expect(try client.post("/kept", json: [1]).text == "application/json|[1]")
  }

  @Test(arguments: [
    "http://localhost:9000/home", "http://localhost.other/home", "//other/home", "//localhost.other/home",
    "https://other/home", "mailto:home",
  ])
  func itDoesNotFollowToAnotherHost(_ address: String) throws {
    let client = app.testClient(followRedirects: true)
    #expect(try client.get("/to?address=\(address)").status == .seeOther)
  }

  @Test(arguments: ["http://localhost/home", "https://localhost/home?a=http://b", "//localhost/home", "/home", "home"])
  func itFollowsToItsOwnHost(_ address: String) throws {
    let client = app.testClient(followRedirects: true)
    #expect(try client.get("/to?address=\(address)").text == "hello, nobody")
  }

  @Test func itSendsJSONFormsAndFiles() throws {
    let client = app.testClient()
    #expect(try client.post("/echo", json: ["a": 1]).text == #"application/json|{"a":1}"#)
    #expect(try client.post("/echo", form: ["a b": "c&d"]).text == "application/x-www-form-urlencoded|a%20b=c%26d")
    let file = TestFile("f", named: "a\"b.png", [1, 2, 3])
    #expect(try client.post("/form", form: ["a": "x\r\ny"], files: [file]).text == "x\r\ny a\"b.png 3")
    #expect(try client.post("/form", form: ["a": "1"]).text == "1 no file")
  }

  @Test func itReadsStreamsAndJSON() throws {
    let client = app.testClient()
    #expect(try client.get("/stream").text == "012")
    app.get("/json") { _ in ["a": 1] }
    #expect(try client.get("/json").json([String: Int].self) == ["a": 1])
    #expect(try client.head("/home").body.isEmpty && client.head("/home").headers[.contentType] != nil)
  }

  @Test func itCallsAWorkersHooks() async throws {
    let calls = Calls()
    let app = App()
    app.get("/") { _ in "x" }
    app.onWorkerStart { calls.add("start") }
    app.onWorkerStop { _ in calls.add("stop") }
    try app.test { client in
      calls.add(try client.get("/").text)
    }
    try await app.test { client in
      await Task.yield()
      calls.add(try client.get("/").text)
    }
    #expect(calls.all == ["start", "x", "stop", "start", "x", "stop"])
  }

  @Test func requestsByHTTPSAreSecure() throws {
    let client = app.testClient(scheme: "https")
    #expect(try client.get("/login/Eve").headers[.setCookie]?.contains("Secure") == true)
  }
}
