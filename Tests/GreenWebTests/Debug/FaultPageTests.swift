import GreenHTTP
import GreenWeb
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

private struct NoMoney: Error, CustomStringConvertible {
  var description: String { "there are only <3> coins" }
}

/// Deep enough that a page which shows the calls shows it.
@inline(never)
private func pay(_ amount: Int) throws -> String {
  if amount > 3 { throw NoMoney() }  // the line that is shown
  return "paid"
}

@Suite(.bounded) struct FaultPageTests {
  private func app(showing: Bool = true) -> App {
    let app = App()
    app.get("/pay/{amount}") { (_, amount: Int) in try pay(amount) }
    app.get("/later/{amount}") { (_, amount: Int) async throws in
      await Task.yield()
      return try pay(amount)
    }
    app.get("/again/{amount}") { (_, amount: Int) -> String in
      do { return try pay(amount) } catch { throw error }
    }
    app.get("/refused") { _ -> String in throw HTTPError(.forbidden, "no") }
    app.errorHandler(.internalServerError) { _, _ in "the application's own page" }
    if showing { app.showFaults() }
    return app
  }

  private func ask(
    _ app: App, _ path: String = "/pay/4", host: String = "localhost:8000", remote: String = "127.0.0.1:40312",
    fields: HTTPFields = [.accept: "text/html,*/*;q=0.8"]
  ) throws -> Response {
    let request = HTTPRequest(method: .get, scheme: "http", authority: host, path: path, headerFields: fields)
    return app.respond(to: try Request(request, remote: remote))
  }

  @Test(arguments: ["/pay/4?from=%3Cb%3E", "/later/4", "/again/4"])
  func thePageShowsTheErrorTheCallsAndTheCode(path: String) throws {
    let response = try onHub { try ask(app(), path) }
    #expect(response.status == .internalServerError && response.contentType == "text/html; charset=utf-8")
    let text = response.text
    #expect(text.contains("<h1>NoMoney</h1>") && text.contains("there are only &lt;3&gt; coins"))
    #expect(text.contains("Where it was thrown"))
    #expect(text.contains("FaultPageTests.swift:15"), "\(text)")
    #expect(text.contains("<mark>   15  "), "the line itself is marked: \(text)")
    #expect(text.contains("the line that is shown"))
    #expect(!text.contains("<script") && !text.contains("<b>"))
    #expect(response.headers[.cacheControl] == "no-store")
    #expect(response.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'") == true)
  }

  @Test func aTerminalGetsWords() throws {
    let response = try ask(app(), fields: [:])
    #expect(response.status == .internalServerError && response.contentType == "text/plain; charset=utf-8")
    #expect(response.text.hasPrefix("NoMoney: there are only <3> coins\n"))
    #expect(response.text.contains("FaultPageTests.swift:15") && response.text.contains("route /pay/{amount}"))
  }

  @Test func whatProvesWhoSomebodyIsIsNotShown() throws {
    // Put together, since the page shows this code too.
    let secret = ["hunter", "2"].joined()
    let fields: HTTPFields = [
      .accept: "text/html", .cookie: "session=\(secret)", .authorization: "Bearer \(secret)", .origin: "here",
    ]
    let text = try ask(app(), fields: fields).text
    #expect(!text.contains(secret) && text.contains("(not shown)") && text.contains("here"))
  }

  @Test func withoutTheSwitchNobodyIsShownAnything() throws {
    let response = try ask(app(showing: false))
    #expect(response.status == .internalServerError && response.text == "the application's own page")
  }

  @Test(arguments: [
    ("localhost", "192.0.2.1:5000", ""), ("localhost", "unix:", ""), ("localhost", "", ""),
    ("attacker.example", "127.0.0.1:5000", ""), ("127.0.0.1.attacker.example", "127.0.0.1:5000", ""),
    ("localhost", "127.0.0.1:5000", "X-Forwarded-For"), ("localhost", "127.0.0.1:5000", "Forwarded"),
    ("localhost", "127.0.0.1:5000", "Via"),
  ])
  func nobodyElsewhereIsShownAnything(host: String, remote: String, field: String) throws {
    var fields: HTTPFields = [.accept: "text/html"]
    if let name = HTTPField.Name(field) { fields[name] = "x" }
    #expect(try ask(app(), host: host, remote: remote, fields: fields).text == "the application's own page")
  }

  @Test(arguments: [("127.0.0.1:8000", "127.0.0.1:1"), ("[::1]:8000", "[::1]:1"), ("LOCALHOST", "127.0.0.1:1")])
  func thisMachineIsKnownByItsNames(host: String, remote: String) throws {
    #expect(try ask(app(), host: host, remote: remote).text.contains("<h1>NoMoney</h1>"))
  }

  @Test func errorsThatAreAnswersStaySo() throws {
    let response = try ask(app(), "/refused")
    #expect(response.status == .forbidden && response.text == "no")
  }
}
