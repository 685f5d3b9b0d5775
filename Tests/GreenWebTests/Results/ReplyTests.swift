import Foundation
import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

@Suite(.bounded) struct ReplyTests {
  @Test func aReplyHasAStatusAndFields() throws {
    let app = App()
    app.post("/") { _ in Reply(["id": 7], status: .created, headers: [.location: "/7"]) }
    app.get("/text") { _ in Reply("text", status: .accepted) }
    app.get("/page") { _ in Reply("<p>x</p>" as HTML, status: .notFound) }
    let created = try app.ask("POST", "/")
    #expect(created.status == .created && created.headers[.location] == "/7" && created.text == #"{"id":7}"#)
    let text = try app.ask("/text")
    #expect(text.status == .accepted && text.text == "text" && text.contentType == "text/plain; charset=utf-8")
    #expect(try app.ask("/page").contentType == "text/html; charset=utf-8")
  }

  @Test func jsonIsWrittenInPlace() throws {
    let app = App()
    app.get("/") { _ in ["ok": true, "list": [1, 2.5, nil, "a"], "more": ["b": [:]]] as JSON }
    #expect(try app.ask("/").text == #"{"list":[1,2.5,null,"a"],"more":{"b":{}},"ok":true}"#)
    #expect(try app.ask("/").contentType == "application/json")
  }

  @Test func jsonOfAnyKindIsRead() throws {
    let app = App()
    app.post("/") { (_, body: Body<JSON>) in body.value["a"]?[1] }
    #expect(try app.ask("POST", "/", type: "application/json", body: #"{"a":[1,{"b":null}]}"#).text == #"{"b":null}"#)
    #expect(try app.ask("POST", "/", type: "application/json", body: "[]").status == .notFound)
  }

  @Test func dataIsBytes() throws {
    let app = App()
    app.get("/") { _ in Data([1, 2, 3]) }
    app.get("/none") { _ in Data?.none }
    #expect(try app.ask("/").body == .bytes([1, 2, 3]) && app.ask("/none").status == .notFound)
  }

  @Test func aStatusWithoutContentHasNone() throws {
    let app = App()
    app.get("/") { _ in HTTPResponse.Status.noContent }
    #expect(try app.ask("/").body == .empty && app.ask("/").status == .noContent)
  }

  @Test(arguments: [
    ("/a?b#c", "/a?b#c"), ("a/b", "a/b"), ("?a", "?a"), ("https://ok.example/a", "https://ok.example/a"),
    ("//evil.example", "/"), ("/\\evil.example", "/"), ("\\\\evil.example", "/"), ("https://evil.example", "/"),
    ("https:evil.example", "/"), ("javascript:alert(1)", "/"), ("/\t/evil.example", "/"), (" //evil.example", "/"),
    ("https://ok.example@evil.example", "/"), ("https://ok.example.evil.example", "/"),
    ("https://OK.example", "https://OK.example"),
    ("https:///evil.example", "/"), ("", "/"), ("/a\r\nSet-Cookie: x", "/"), ("http://ok.example:80", "/"),
    // A mark joins the character before it, so that it is no colon and no slash to Swift; browsers leave some marks out.
    ("http:\u{fe0f}evil.example", "/"), ("/\u{fe0f}/evil.example", "/%EF%B8%8F/evil.example"),
    ("https:/\u{301}/evil.example", "/"), ("https://ok.example/\u{301}", "https://ok.example/%CC%81"),
    ("https://ok.example\u{fe0f}", "/"), ("/\u{fc}ber?q=\u{e9}", "/%C3%BCber?q=%C3%A9"), ("\u{600}:x", "/"),
  ])
  func redirectsStayHere(location: String, target: String) {
    let response = Response.redirect(to: location, hosts: ["ok.example"])
    #expect(response.status == .seeOther && response.headers[.location] == target)
  }

  @Test func aTrustedRedirectGoesAnywhere() {
    let response = Response.redirect(toTrusted: "https://other.example/", status: .found)
    #expect(response.status == .found && response.headers[.location] == "https://other.example/")
  }
}
