import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct CookieTests {
  private func field(_ cookie: Cookie) -> String {
    var response = Response()
    response.setCookie(cookie)
    return response.headers[.setCookie] ?? ""
  }

  private func cookies(_ field: String) throws -> [String] {
    try Request(.get, "/", headers: [.cookie: field]).cookies.elements.map { "\($0.name)=\($0.value)" }
  }

  @Test func theDefaultsAreTheCarefulOnes() {
    #expect(field(Cookie("a", "b")) == "a=b; Path=/; HttpOnly; SameSite=Lax")
  }

  @Test func attributesAreSaid() {
    let cookie = Cookie(
      "a", "b", path: "/x", domain: "example.org", maxAge: .seconds(60), httpOnly: false, secure: true,
      sameSite: .strict)
    #expect(field(cookie) == "a=b; Max-Age=60; Domain=example.org; Path=/x; Secure; SameSite=Strict")
    #expect(field(Cookie("a", "b", isPartitioned: true)).hasSuffix("Secure; HttpOnly; SameSite=Lax; Partitioned"))
  }

  @Test func whatBrowsersWouldRefuseIsMended() {
    #expect(field(Cookie("a", "b", sameSite: .none)).contains("; Secure"))
    #expect(field(Cookie("__Secure-a", "b", secure: false)).contains("; Secure"))
    #expect(
      field(Cookie("__Host-a", "b", path: "/x", domain: "example.org"))
        == "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax"
    )
  }

  @Test func aRequestByHTTPSHasItsCookiesSecure() throws {
    struct Setting: Application {
      func respond(to request: Request) -> Response {
        var response = Response()
        response.setCookie(Cookie("a", "b"))
        response.setCookie(Cookie("c", "d", secure: false))
        return response
      }
    }
    func ask(_ scheme: String) throws -> [String] {
      let request = HTTPRequest(method: .get, scheme: scheme, authority: "a", path: "/")
      return Setting().answer(try Request(request, remote: ""), report: { _ in }).headers[values: .setCookie]
    }
    #expect(try ask("http").map { $0.contains("Secure") } == [false, false])
    #expect(try ask("https").map { $0.contains("Secure") } == [true, false])
  }

  @Test(arguments: [
    "a;b", "a,b", "a b", "\"quoted\"", "back\\slash", "café", "50%", "%41", "\r\nSet-Cookie: x=y", "=&=", "",
  ])
  func anyValueComesBackAsItWas(value: String) throws {
    let field = field(Cookie("name", value))
    let pair = field.prefix { $0 != ";" }
    #expect(pair.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2c && $0 != 0x22 && $0 != 0x5c })
    #expect(try cookies(String(pair)) == ["name=\(value)"])
  }

  @Test func nothingInACookieEndsItsField() {
    let evil = Cookie("a=b; c", "d", path: "/; Domain=evil.example", domain: "x; HttpOnly\r\nA: b")
    #expect(field(evil).split(separator: ";").count == 5)
    #expect(!field(evil).contains("\n"))
  }

  @Test func aCookieThatIsSetAgainTakesThePlaceOfTheFirst() {
    var response = Response()
    response.setCookie(Cookie("a", "1"))
    response.setCookie(Cookie("b", "1"))
    response.setCookie(Cookie("a", "2"))
    response.setCookie(Cookie("a", "3", path: "/other"))
    #expect(response.headers[values: .setCookie].map { $0.prefix(3) } == ["b=1", "a=2", "a=3"])
  }

  @Test func deletingSetsAnEndThatHasPassed() {
    var response = Response()
    response.setCookie(Cookie("a", "1"))
    response.deleteCookie("a")
    #expect(
      response.headers[values: .setCookie] == [
        "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
      ])
  }

  @Test(arguments: [
    ("a=1; b=2", ["a=1", "b=2"]), ("a=1;b=2", ["a=1", "b=2"]), ("a=\"1\"", ["a=1"]), ("a=1=2", ["a=1=2"]),
    ("a", []), ("=1", []), (";;a=1;;", ["a=1"]), ("a=", ["a="]), (" a = 1 ", ["a=1"]), ("a=1; a=2", ["a=1", "a=2"]),
    ("%41=1", ["A=1"]), ("__Host-a=1", ["__Host-a=1"]), ("__Host-%41=1", ["__Host-A=1"]),
    ("__%48ost-a=1", ["__%48ost-a=1"]), ("%5f_host-a=1", ["%5f_host-a=1"]), ("__Secure%2da=1", ["__Secure%2da=1"]),
    ("a=%zz", ["a=%zz"]), ("a=\"", ["a=\""]), ("a=%ff", ["a=\u{fffd}"]),
  ])
  func fieldsAreReadAsBrowsersSendThem(field: String, pairs: [String]) throws {
    #expect(try cookies(field) == pairs)
  }

  @Test func theFirstOfSeveralCounts() throws {
    let request = try Request(.get, "/", headers: [.cookie: "a=1; a=2; theme=dark"])
    #expect(request.cookies["a"] == "1" && request.cookies.all("a") == ["1", "2"])
    #expect(request.cookies.theme == "dark" && request.cookies["none"] == nil)
    #expect(try Request(.get, "/").cookies.elements.isEmpty)
  }
}
