import GreenHTTP
import GreenWeb
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// An extension with a bit of everything.
private struct Guestbook: Extension {
  enum Keys { static let visits = RequestKey<Int>(0) }

  var prefix = "/guests"
  let calls: Calls

  func install(in app: App) throws {
    let owner: String = try app.config.require("GUESTBOOK_OWNER")
    let calls = calls
    app.group(prefix) { book in
      book.beforeRequest { request -> Void in request[Keys.visits] = 7 }
      book.get("/") { request in "\(owner)'s, \(request[Keys.visits]) visits" }
      book.errorHandler(.notFound) { _, _ in "no such guest" }
    }
    app.use { request, next in try next(request).withHeader(.server, "guestbook") }
    app.onWorkerStart { calls.add("opened") }
    app.onWorkerStop { _ in calls.add("closed") }
    app.command("guests", "Lists the guests") { _ in }
  }
}

private struct Second: Extension {
  let calls: Calls
  func install(in app: App) { calls.add("second") }
}

@Suite(.bounded) struct ExtensionTests {
  @Test func whatItAddsIsTheApplications() throws {
    let calls = Calls()
    let app = App()
    app.config["GUESTBOOK_OWNER"] = "Eve"
    app.get("/") { _ in "home" }
    try app.install(Guestbook(calls: calls), Guestbook(prefix: "/friends", calls: Calls()))
    try app.test { client in
      expectSame(try client.get("/guests").text, "Eve's, 7 visits")
      expectSame(try client.get("/friends").text, "Eve's, 7 visits")
      expectSame(try client.get("/guests/nobody").text, "no such guest")
      expectSame(try client.get("/").headers[.server], "guestbook")
    }
    #expect(calls.all == ["opened", "closed"])
    #expect(app.setUpFaults == ["several commands are called 'guests'"])
  }

  @Test func oneThatCannotBeInstalledSaysWhyAndEndsTheRow() throws {
    let calls = Calls()
    let app = App()
    let error = #expect(throws: AppConfigurationError.self) {
      try app.install(Guestbook(calls: calls), Second(calls: calls))
    }
    #expect(error?.description.contains("GUESTBOOK_OWNER") == true)
    #expect(calls.all.isEmpty)
    try app.install(Second(calls: calls))
    #expect(calls.all == ["second"])
  }
}
