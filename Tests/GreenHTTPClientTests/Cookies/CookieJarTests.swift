import Green
import GreenHTTP
import GreenTesting
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

@testable import GreenHTTPClient

/// RFC 6265, and the tests of its working group's suite that are about clients.
@Suite(.bounded) struct CookieJarTests {
  private static let now: Int64 = 1_764_449_499

  /// A jar that answers from a URL have filled.
  private func jar(_ fields: (String, String)...) throws -> CookieJar {
    let jar = CookieJar()
    for (url, field) in fields { jar.read([field], from: try HTTPURL(url), now: Self.now) }
    return jar
  }

  private func sent(_ jar: CookieJar, to url: String, after seconds: Int64 = 0) throws -> String? {
    jar.field(for: try HTTPURL(url), now: Self.now + seconds)
  }

  // MARK: What is kept

  @Test(
    arguments: [
      ("a=b", "a=b"), ("a=b; path=/", "a=b"), ("a=", "a="), ("a=b=c", "a=b=c"), ("a=\"b c\"", "a=\"b c\""),
      ("  a  =  b  ; Path=/", "a=b"), ("a=b;", "a=b"), ("a=b; unknown=x; SameSite=Strict", "a=b"),
      ("a=b,c=d", "a=b,c=d"),
      ("a=é", "a=é"), ("a=b; max-age=x", "a=b"), ("a=b; max-age=", "a=b"), ("a=b; expires=soon", "a=b"),
      ("a=b; domain=", "a=b"), ("a=b; domain=.", "a=b"), ("a=b; path=x", "a=b"), ("a=b; PATH=/; HTTPONLY", "a=b"),
      ("=b", nil), ("a", nil), ("", nil), (";", nil), ("; a=b", nil), ("a=b\r\nX: y", nil), ("a=b\u{0}c", nil),
      ("a=\u{7f}", nil), ("__Secure-\u{301}=b", nil), ("__Host-\u{301}=b; Secure; Path=/x", nil),
      ("a=b; max-age=0", nil), ("a=b; max-age=-1", nil), ("a=b; max-age=-99999999999999999999", nil),
      ("a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT", nil),
      // Max-Age goes before Expires, whatever the order; of several of one kind the last counts.
      ("a=b; max-age=10; expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=b"),
      ("a=b; expires=Thu, 01 Jan 2099 00:00:00 GMT; max-age=0", nil), ("a=b; max-age=10; max-age=0", nil),
    ] as [(String, String?)])
  func aFieldSetsACookie(field: String, told: String?) throws {
    #expect(try sent(jar(("http://a.test/", field)), to: "http://a.test/") == told)
  }

  @Test func whatIsTooLongIsNotKept() throws {
    let long = String(repeating: "x", count: 4095)
    #expect(try sent(jar(("http://a.test/", "a=\(long)")), to: "http://a.test/") == "a=\(long)")
    #expect(try sent(jar(("http://a.test/", "ab=\(long)")), to: "http://a.test/") == nil)
    // An attribute that is too long is as if it were not there.
    let path = "/" + String(repeating: "p", count: 2000)
    #expect(try sent(jar(("http://a.test/", "a=b; path=\(path)")), to: "http://a.test/") == "a=b")
  }

  // MARK: Hosts

  @Test(arguments: [
    // Without a domain it is for the host alone.
    ("http://a.test/", "x=1", "http://a.test/", true), ("http://a.test/", "x=1", "http://b.a.test/", false),
    ("http://a.test:8080/", "x=1", "http://a.test:9090/", true), ("http://A.TEST/", "x=1", "http://a.test/", true),
    // With one for those below too.
    ("http://w.a.test/", "x=1; domain=a.test", "http://a.test/", true),
    ("http://w.a.test/", "x=1; domain=.a.test", "http://v.w.a.test/", true),
    ("http://w.a.test/", "x=1; DOMAIN=A.Test", "http://other.a.test/", true),
    ("http://w.a.test/", "x=1; domain=a.test", "http://ba.test/", false),
    ("http://w.a.test/", "x=1; domain=a.test", "http://a.test.evil.test/", false),
    // Not for others, nor for those below.
    ("http://a.test/", "x=1; domain=b.test", "http://b.test/", false),
    ("http://a.test/", "x=1; domain=w.a.test", "http://w.a.test/", false),
    ("http://a.test/", "x=1; domain=..a.test", "http://a.test/", false),
    // Nor for all.
    ("http://a.test/", "x=1; domain=test", "http://b.test/", false),
    ("http://shop.co.uk/", "x=1; domain=co.uk", "http://bank.co.uk/", false),
    ("http://a.com.au/", "x=1; domain=.com.au", "http://b.com.au/", false),
    ("http://w.shop.co.uk/", "x=1; domain=shop.co.uk", "http://shop.co.uk/", true),
    ("http://eve.com./", "x=1; domain=com.", "http://bob.com./", false),
    ("http://localhost/", "x=1; domain=localhost", "http://localhost/", true),
    ("http://localhost/", "x=1; domain=localhost", "http://a.localhost/", false),
    // Addresses have nothing below them.
    ("http://127.0.0.1/", "x=1; domain=127.0.0.1", "http://127.0.0.1/", true),
    ("http://127.0.0.1/", "x=1; domain=0.0.1", "http://1.0.0.1/", false),
    ("http://[::1]/", "x=1", "http://[::1]/", true),
  ])
  func aCookieIsForItsHosts(setAt: String, field: String, asked: String, isSent: Bool) throws {
    #expect(try sent(jar((setAt, field)), to: asked) == (isSent ? "x=1" : nil))
  }

  @Test func aUnixSocketHasItsOwn() throws {
    let url = try HTTPURL("http+unix://%2Frun%2FApp.sock/")
    let jar = CookieJar()
    jar.read(["x=1"], from: url, now: Self.now)
    #expect(jar.field(for: url, now: Self.now) == "x=1")
    #expect(jar.field(for: try HTTPURL("http+unix://%2Frun%2Fapp.sock/"), now: Self.now) == nil)
  }

  @Test func aListMaySayWhatIsPublic() throws {
    let jar = CookieJar(isPublicSuffix: { $0 == "pages.test" })
    jar.read(["x=1; domain=pages.test"], from: try HTTPURL("http://eve.pages.test/"), now: Self.now)
    #expect(jar.cookies.isEmpty)
    jar.read(["x=1; domain=pages.test"], from: try HTTPURL("http://pages.test/"), now: Self.now)
    #expect(try sent(jar, to: "http://pages.test/") == "x=1" && sent(jar, to: "http://eve.pages.test/") == nil)
  }

  // MARK: Paths

  @Test(arguments: [
    ("/a/b", "x=1", "/a/b", true), ("/a/b", "x=1", "/a/c", true), ("/a/b", "x=1", "/a", true),
    ("/a/b", "x=1", "/", false),
    ("/a/", "x=1", "/a/c", true), ("/", "x=1", "/c", true), ("/a", "x=1", "/c", true),
    ("/", "x=1; path=/foo", "/foo", true), ("/", "x=1; path=/foo", "/foo/", true),
    ("/", "x=1; path=/foo", "/foo?q", true),
    ("/", "x=1; path=/foo", "/foobar", false), ("/", "x=1; path=/foo/", "/foo", false),
    ("/", "x=1; path=/foo/", "/foo/x", true),
    ("/", "x=1; path=/foo", "/FOO", false), ("/x/y", "x=1; path=/", "/", true), ("/a?b/c", "x=1", "/", true),
  ])
  func aCookieIsForItsPaths(setAt: String, field: String, asked: String, isSent: Bool) throws {
    #expect(try sent(jar(("http://a.test" + setAt, field)), to: "http://a.test" + asked) == (isSent ? "x=1" : nil))
  }

  @Test func theLongestPathsAreFirstAndThenTheOldest() throws {
    let url = "http://a.test/"
    let jar = try jar(
      (url, "a=1; path=/"), (url, "b=2; path=/x"), (url, "c=3; path=/x"), (url, "d=4; path=/x/y"), (url, "a=5; path=/"))
    #expect(try sent(jar, to: "http://a.test/x/y") == "d=4; b=2; c=3; a=5")
    #expect(jar.cookies(now: Self.now).map(\.name) == ["a", "b", "c", "d"])
  }

  // MARK: https

  @Test func secureCookiesGoByTLSAlone() throws {
    #expect(try sent(jar(("https://a.test/", "x=1; secure")), to: "https://a.test/") == "x=1")
    #expect(try sent(jar(("https://a.test/", "x=1; secure")), to: "http://a.test/") == nil)
    #expect(try sent(jar(("https://a.test/", "x=1")), to: "http://a.test/") == "x=1")
    #expect(try sent(jar(("http://a.test/", "x=1; secure")), to: "https://a.test/") == nil)
  }

  @Test func whatWasSetByTLSIsNotReplacedWithout() throws {
    let url = "a.test/"
    let secure = ("https://" + url, "x=1; secure")
    #expect(try sent(jar(secure, ("http://" + url, "x=2")), to: "https://a.test/") == "x=1")
    #expect(try sent(jar(secure, ("http://" + url, "x=2; max-age=0")), to: "https://a.test/") == "x=1")
    #expect(try sent(jar(secure, ("http://b.a.test/", "x=2; domain=a.test")), to: "https://a.test/") == "x=1")
    #expect(try sent(jar(secure, ("https://" + url, "x=2")), to: "https://a.test/") == "x=2")
    #expect(try sent(jar(secure, ("http://" + url, "y=2")), to: "https://a.test/") == "x=1; y=2")
  }

  @Test(arguments: [
    ("https://a.test/", "__Host-x=1; secure; path=/", true), ("https://a.test/", "__Host-x=1; secure", false),
    ("https://a.test/", "__Host-x=1; path=/", false),
    ("https://w.a.test/", "__Host-x=1; secure; path=/; domain=a.test", false),
    ("https://a.test/", "__host-x=1", false), ("https://a.test/", "__Secure-x=1; secure", true),
    ("https://a.test/", "__Secure-x=1", false), ("http://a.test/", "__Secure-x=1; secure", false),
  ])
  func namesThatPromiseMoreAreHeldToIt(url: String, field: String, isKept: Bool) throws {
    #expect(try jar((url, field)).cookies.isEmpty != isKept)
  }

  // MARK: Ends

  @Test func cookiesEnd() throws {
    let jar = try jar(("http://a.test/", "a=1; max-age=10"), ("http://a.test/", "b=2"))
    #expect(try sent(jar, to: "http://a.test/", after: 9) == "a=1; b=2")
    #expect(try sent(jar, to: "http://a.test/", after: 10) == "b=2")
    #expect(jar.cookies(now: Self.now + 10).map(\.name) == ["b"])
    jar.read(["b=; max-age=0"], from: try HTTPURL("http://a.test/"), now: Self.now)
    #expect(try sent(jar, to: "http://a.test/") == "a=1")
  }

  @Test func noneIsKeptForLongerThan400Days() throws {
    for field in ["a=1; max-age=99999999999999999999999", "a=1; expires=Fri, 31 Dec 9999 23:59:59 GMT"] {
      #expect(try jar(("http://a.test/", field)).cookies(now: Self.now).first?.expires == Self.now + 400 * 86_400)
    }
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777), ("6 november 94 8:49:37", 784_111_777), ("94 6 Nov 08:49:37", nil),
      ("Nov 06 1994 08:49:37.123 GMT+0100", 784_111_777), ("06 Nov 69 00:00:00", 3_150_921_600),
      ("06 Nov 1600 00:00:00", nil), ("31 Feb 2030 00:00:00", nil), ("06 Nov 2030 24:00:00", nil),
      ("06 Nov 2030 00:60:00", nil), ("06 Nov 2030", nil), ("", nil), ("Nov", nil), ("00 Nov 2030 00:00:00", nil),
      ("123 Nov 2030 00:00:00", nil), (String(repeating: "1 ", count: 500), nil),
    ] as [(String, Int64?)])
  func datesAreReadHoweverTheyAreWritten(text: String, seconds: Int64?) {
    #expect(CookieDate.seconds(text, now: Self.now) == seconds)
  }

  // MARK: Bounds

  @Test func aServerCannotFillTheJar() throws {
    let jar = CookieJar()
    let (here, there) = (try HTTPURL("http://a.test/"), try HTTPURL("http://b.test/"))
    jar.read(["mine=1"], from: there, now: Self.now)
    for number in 0..<1_000 { jar.read(["n\(number)=x"], from: here, now: Self.now) }
    #expect(jar.cookies(now: Self.now).count == CookieJar.mostOfDomain + 1)
    #expect(jar.field(for: there, now: Self.now) == "mine=1")
    #expect(jar.field(for: here, now: Self.now)?.hasSuffix("n999=x") == true)
  }

  @Test func thereAreNoMoreThanSoManyInAll() throws {
    let jar = CookieJar()
    for number in 0...CookieJar.most { jar.read(["a=1"], from: try HTTPURL("http://h\(number).test/"), now: Self.now) }
    #expect(jar.cookies(now: Self.now).count == CookieJar.most)
    #expect(jar.field(for: try HTTPURL("http://h0.test/"), now: Self.now) == nil)
  }

  @Test func whatIsKeptCanBeKeptElsewhere() throws {
    let jar = try jar(
      ("https://w.a.test/x/y", "a=1; secure; httponly; domain=a.test"), ("http://b.test/", "b=2"))
    let copy = CookieJar(jar.cookies(now: Self.now))
    #expect(copy.cookies(now: Self.now) == jar.cookies(now: Self.now))
    copy.remove { $0.name == "a" }
    #expect(try sent(copy, to: "http://b.test/") == "b=2" && copy.cookies(for: "https://w.a.test/x").isEmpty)
    copy.set(ClientCookie("c", "3\r\nX: y", domain: "b.test"))
    copy.set(ClientCookie("c=d", "3", domain: "b.test"))
    copy.set(ClientCookie("c", "3; d=4", domain: "b.test"))
    #expect(try sent(copy, to: "http://b.test/") == "b=2")
    copy.removeAll()
    #expect(copy.cookies.isEmpty)
  }

  /// Texts of the parts that fields are made of, put together at random.
  @Test(arguments: 1...4)
  func whateverComesDoesNoHarm(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func next(_ bound: Int) -> Int { .random(in: 0..<bound, using: &random) }
    let parts = [
      "a", "b", "=", "=", ";", ";", "; ", " ", "\t", ",", "\"", "\r\n", "\u{0}", "\u{7f}", "é", "🎉", "domain=", "path=",
      "/x", "/", "a.test",
      ".", "secure", "max-age=", "expires=", "-", "9", "99999999999999999999", "Thu, 01 Jan 2099 00:00:00 GMT",
      "12:34:56", "__Host-", "httponly",
    ]
    let hosts = try ["http://a.test/x", "https://w.a.test/x/y", "http://127.0.0.1/", "http://b.test/"].map {
      try HTTPURL($0)
    }
    let jar = CookieJar()
    for _ in 0..<1_000 {
      let field = (0..<next(12)).map { _ in parts[next(parts.count)] }.joined()
      let host = hosts[next(hosts.count)]
      jar.read([field], from: host, now: Self.now)
      if let sent = jar.field(for: hosts[next(hosts.count)], now: Self.now) {
        #expect(!sent.utf8.contains { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7f }, "\(field)")
      }
    }
    for cookie in jar.cookies(now: Self.now) {
      #expect(hosts.contains { CookieRules.isHost($0.host, within: cookie.domain) } && cookie.path.hasPrefix("/"))
      #expect(cookie.domain.contains(".") && (cookie.expires ?? 0) <= Self.now + 400 * 86_400)
    }
  }

  // MARK: With a client

  /// `/set?…` sets what its query says, `/to?…` leads there, all else tells the cookies that came.
  private static let application = Handler { request in
    let text = request.rawQuery ?? ""
    if request.rawPath == "/set" {
      var response = Response("set")
      for field in text.split(separator: "~") {
        response.headers.append(HTTPField(name: .setCookie, value: String(field)))
      }
      return response
    }
    if request.rawPath == "/to" {
      return Response(status: .found, headers: [.location: text, .setCookie: "led=1"])
    }
    return Response(request.header(.cookie) ?? "-")
  }

  @Test func aClientSendsWhatServersHaveSet() throws {
    try onHub {
      try withServer(Self.application) { url, _ throws in
        let jar = CookieJar()
        let client = client { $0.cookies = jar }
        #expect(try client.get(url + "/x").text() == "-")
        #expect(try client.get(url + "/set?a=1;path=/~b=2;path=/x").text() == "set")
        #expect(try client.get(url + "/x").text() == "b=2; a=1")
        #expect(try client.get(url + "/y").text() == "a=1")
        #expect(try client.get(url + "/set?a=;max-age=0;path=/").text() == "set")
        #expect(try client.get(url + "/y").text() == "-")
        // One that the request brings goes alone.
        #expect(try client.get(url + "/x", headers: [.cookie: "c=3"]).text() == "c=3")
        #expect(try jar.cookies(for: url + "/x").map(\.value) == ["2"])
      }
    }
  }

  @Test func cookiesAreSetOnTheWayOfARedirect() throws {
    try onHub {
      try withServer(Self.application) { url, _ throws in
        let client = client { $0.cookies = CookieJar() }
        #expect(try client.get(url + "/to?/x").text() == "led=1")
        // Another host by name is another host: the cookies of the one do not go to the other.
        let other = url.replacing("127.0.0.1", with: "localhost")
        #expect(try client.get(url + "/to?\(other)/x").text() == "-")
        #expect(try client.get(other + "/to?/x").text() == "led=1")
      }
    }
  }

  @Test func withoutAJarNothingIsKept() throws {
    try onHub {
      try withServer(Self.application) { url, _ throws in
        let client = client()
        #expect(try client.get(url + "/set?a=1").headers[.setCookie] == "a=1")
        #expect(try client.get(url + "/x").text() == "-")
      }
    }
  }

  @Test func manyUseOneJarAtOnce() throws {
    try onHub {
      try withServer(Self.application) { url, _ throws in
        let client = client { $0.cookies = CookieJar() }
        let fibers = (0..<50).map { number in
          Fiber.spawn { _ = try client.get(url + "/set?n\(number)=1").text() }
        }
        for fiber in fibers { try fiber.value }
        #expect(try client.get(url + "/x").text().split(separator: "; ").count == 50)
      }
    }
  }
}
