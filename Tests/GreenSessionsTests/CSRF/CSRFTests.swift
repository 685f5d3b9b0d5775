import Green
import GreenHTTP
import GreenSessions
import GreenWeb
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct CSRFTests {
  private func app() -> App {
    let app = App()
    app.use(Sessions(keys: [secrets[0]]), CSRF(trusted: ["https://admin.example.org"]))
    app.get("/form") { request in try request.csrfToken }
    app.post("/save") { _ in "saved" }
    app.delete("/save") { _ in "gone" }
    return app
  }

  private let site = HTTPField.Name("Sec-Fetch-Site")!

  private func status(_ headers: HTTPFields, method: String = "POST", form: String? = nil, _ visitor: Visitor? = nil)
    throws -> Int
  {
    let visitor = visitor ?? Visitor(app())
    return try visitor.ask("/save", method, form: form, headers: headers).status.code
  }

  @Test func whatComesFromThisOriginPasses() throws {
    for headers: HTTPFields in [
      [site: "same-origin"], [site: "none"], [.origin: "http://localhost"], [.origin: "HTTP://LOCALHOST"],
      [.origin: "https://admin.example.org", site: "cross-site"], [.authorization: "Bearer abc"],
    ] {
      let code = try status(headers)
      #expect(code == 200, "\(headers)")
    }
    let get = try Visitor(app()).ask("/form", headers: [site: "cross-site"])
    #expect(get.status == .ok)
  }

  @Test func whatAnotherSiteSendsIsRefused() throws {
    for headers: HTTPFields in [
      [site: "cross-site"], [site: "same-site"], [site: "nonsense"], [.origin: "http://evil.org"], [.origin: "null"],
      [.origin: "http://localhost.evil.org"], [.origin: "http://localhost:8080"], [.origin: "https://localhost"],
      [.origin: "http://localhost", site: "cross-site"], [:], [.authorization: "Basic YTpi", site: "cross-site"],
      [.authorization: "Negotiate x"], [.authorization: ""],
    ] {
      for method in ["POST", "DELETE"] {
        let code = try status(headers, method: method)
        #expect(code == 403, "\(method) \(headers)")
      }
    }
  }

  @Test func theSessionsTokenPassesAndNoOther() throws {
    let visitor = Visitor(app())
    let token = try visitor.text("/form")
    let second = try visitor.text("/form")
    #expect(token != second)
    for one in [token, second] {
      var code = try status([:], form: "a=b&csrf_token=\(one)", visitor)
      #expect(code == 200)
      code = try status([.init("X-CSRF-Token")!: one], method: "DELETE", visitor)
      #expect(code == 200)
    }
    let other = try Visitor(visitor.app).text("/form")
    for wrong in ["", "x", other, String(token.dropLast()), token + "A", String(repeating: "A", count: token.count)] {
      let code = try status([:], form: "csrf_token=\(wrong)", visitor)
      #expect(code == 403, "\(wrong)")
    }
    // Without a session, no token is right.
    let code = try status([:], form: "csrf_token=\(String(repeating: "A", count: token.count))", Visitor(visitor.app))
    #expect(code == 403)
  }
}
