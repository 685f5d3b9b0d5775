import DataServers
import Foundation
import Green
import GreenHTTP
import GreenRedis
import GreenWeb
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

@testable import GreenSessions

private enum Keys {
  static let user = SessionKey<Int>("user")
  static let cart = SessionKey<[String: Int]>("cart")
  static let text = SessionKey<String>("user")
}

/// One that is coded where there is no memory for a stack.
private struct Starved: Codable, Sendable, Equatable {
  init() {}
  init(from decoder: any Decoder) throws { throw HubError.stacks("none") }
  func encode(to encoder: any Encoder) throws { throw HubError.stacks("none") }
}

private struct Down: Error {}

private final class Kept: Sendable {}

private struct Weak: @unchecked Sendable { weak var kept: Kept? }

private struct DownStore: ExpiringStore {
  func read(_ key: String) throws -> [UInt8]? { throw Down() }
  func write(_ bytes: [UInt8], for key: String, lifetime: Duration) throws { throw Down() }
  func touch(_ key: String, lifetime: Duration) throws { throw Down() }
  func remove(_ key: String) throws { throw Down() }
}

@Suite(.bounded) struct SessionTests {
  private func app(_ sessions: Sessions) -> App {
    let app = App()
    app.use(sessions)
    app.get("/plain") { _ in "plain" }
    app.get("/login/{id}") { request in
      request.session.renew()
      request.session[Keys.user] = try request.parameters.require("id", as: Int.self)
      return "in"
    }
    app.get("/who") { request in "\(request.session[Keys.user] ?? 0)" }
    app.get("/logout") { request in
      request.session.clear()
      return "out"
    }
    app.get("/add/{what}") { request in
      let what = try request.parameters.require("what", as: String.self)
      var cart = request.session[Keys.cart] ?? [:]
      cart[what, default: 0] += 1
      request.session[Keys.cart] = cart
      return "\(cart[what]!)"
    }
    app.get("/large") { request in
      request.session[Keys.text] = (0..<1000).map { _ in "\(UInt64.random(in: 0 ... .max))" }.joined()
      return "large"
    }
    app.get("/flash") { request in
      request.flash("one")
      request.flash("two", category: "error")
      return "ok"
    }
    app.get("/flashes") { request in request.takeFlashes().map { "\($0.category):\($0.text)" }.joined(separator: " ") }
    return app
  }

  private func everyKind(_ body: @escaping (Sessions, String) throws -> Void) throws {
    try onHub {
      var configuration = RedisConfiguration()
      (configuration.connectTimeout, configuration.timeout) = (.seconds(60), .seconds(60))
      let redis = try Redis(RedisServer.shared.get().address, wait: .seconds(120), configuration: configuration)
      defer { redis.close() }
      try body(Sessions(keys: [secrets[0]]), "signed")
      try body(Sessions(keys: [secrets[0]], isEncrypted: true), "encrypted")
      try body(Sessions(keys: [secrets[0]], store: MemoryStore()), "in memory")
      try body(
        Sessions(keys: [secrets[0]], store: RedisStore(redis, prefix: "s\(UInt64.random(in: 0 ... .max)):")), "in Redis"
      )
    }
  }

  @Test func valuesAreThereAtTheNextRequest() throws {
    try everyKind { sessions, kind in
      let visitor = Visitor(self.app(sessions))
      var text = try visitor.text("/login/7")
      text = try visitor.text("/who")
      #expect(text == "7", "\(kind)")
      for number in 1...3 {
        text = try visitor.text("/add/book")
        #expect(text == "\(number)", "\(kind)")
      }
      text = try visitor.text("/logout")
      text = try visitor.text("/who")
      #expect(text == "0" && visitor.cookies.isEmpty, "\(kind)")
    }
  }

  @Test func deepValuesAreKeptOnASmallStackAndDeeperOnesAreNone() throws {
    let brackets = { (depth: Int) in
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    try onHub(stackSize: 128 * 1024) {
      let encoded = try SessionContent.encoded(Nest(depth: 300))
      #expect(encoded == brackets(300))
      #expect(try SessionContent.decoded(encoded, as: Nest.self)?.depth == 300)
      #expect(try SessionContent.decoded(brackets(512), as: Nest.self)?.depth == 512)
      #expect(try SessionContent.decoded(brackets(100_000), as: Nest.self)?.depth == nil)
      #expect(throws: EncodingError.self) { try SessionContent.encoded(Nest(depth: 512)) }
    }
  }

  @Test func aValueForWhichThereIsNoStackIsNotTakenForNone() {
    let key = SessionKey<Starved>("user")
    let writing = Session(0) { nil }
    writing[Keys.user] = 7
    writing[key] = Starved()
    #expect(writing[Keys.user] == 7)
    #expect(writing.outcome.failure is HubError)
    let reading = Session(0) { nil }
    reading[Keys.user] = 7
    let value = reading[key]
    #expect(value == nil)
    #expect(reading.outcome.failure is HubError)
  }

  @Test func thereIsNoCookieBeforeAnythingIsWritten() throws {
    try everyKind { sessions, kind in
      let visitor = Visitor(self.app(sessions))
      let plain = try visitor.ask("/plain")
      #expect(plain.headers[.setCookie] == nil && plain.headers[.vary] == nil, "\(kind)")
      let read = try visitor.ask("/who")
      #expect(read.headers[.setCookie] == nil && read.headers[.vary] == "Cookie", "\(kind)")
      let out = try visitor.ask("/logout")
      #expect(out.headers[.setCookie] == nil, "\(kind)")
      let login = try visitor.ask("/login/1")
      let cookie = login.headers[.setCookie] ?? ""
      #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "\(kind)")
      let again = try visitor.ask("/who")
      #expect(again.headers[.setCookie] == nil, "\(kind)")
    }
  }

  @Test func loginGivesAnotherIdentityAndTheOldOneIsWorthNothing() throws {
    try onHub {
      let store = MemoryStore()
      let visitor = Visitor(self.app(Sessions(keys: [secrets[0]], store: store)))
      _ = try visitor.ask("/add/book")
      let before = visitor.cookies["session"]!
      _ = try visitor.ask("/login/7")
      let after = visitor.cookies["session"]!
      #expect(before != after)
      let text = try visitor.text("/add/book")
      #expect(text == "2")
      let thief = Visitor(visitor.app)
      thief.cookies["session"] = before
      var found = try thief.text("/add/book")
      #expect(found == "1")
      thief.cookies["session"] = after
      _ = try visitor.ask("/logout")
      found = try thief.text("/who")
      #expect(found == "0")
    }
  }

  @Test func aRequestThatEndsAfterTheLogoutDoesNotUndoIt() throws {
    try onHub {
      for doesRenew in [false, true] {
        let app = self.app(Sessions(keys: [secrets[0]], store: MemoryStore()))
        app.get("/slow") { [unowned app] request in
          let user = request.session[Keys.user] ?? 0
          if doesRenew { request.session.renew() }
          // Meanwhile the visitor logs out.
          let cookie = request.header(.cookie) ?? ""
          _ = app.respond(to: try Request(.get, "/logout", headers: [.cookie: cookie]))
          request.session[Keys.cart] = ["late": 1]
          return "\(user)"
        }
        let thief = Visitor(app)
        _ = try thief.ask("/login/7")
        let before = thief.cookies
        let text = try thief.text("/slow")
        // What it has set itself is a session of its own where it asks for one.
        #expect(text == "7" && (thief.cookies != before) == doesRenew, "renews: \(doesRenew)")
        for cookies in [before, thief.cookies] {
          thief.cookies = cookies
          let after = try thief.text("/who")
          #expect(after == "0", "renews: \(doesRenew)")
        }
      }
    }
  }

  @Test func cookiesThatWereNotMadeHereCountAsNone() throws {
    try everyKind { sessions, kind in
      let app = self.app(sessions)
      let visitor = Visitor(app)
      _ = try visitor.ask("/login/7")
      let good = visitor.cookies["session"]!
      let thief = Visitor(app)
      var forged = [
        "", ".", "a.b", String(good.dropLast()), String(good.dropFirst()), good + "A", good + ".", "." + good,
        good + good,
      ]
      for place in stride(from: 0, to: good.count, by: 3) {
        var characters = Array(good)
        characters[place] = characters[place] == "A" ? "B" : "A"
        forged.append(String(characters))
      }
      forged.append(String(repeating: "A", count: 5000))
      for cookie in forged where cookie != good {
        thief.cookies = ["session": cookie]
        let text = try thief.text("/who")
        #expect(text == "0", "\(kind): \(cookie.prefix(100))")
      }
      // Under another name it is worth nothing.
      let other = Visitor(self.app(Sessions(keys: [secrets[0]], cookie: "other")))
      other.cookies = ["other": good]
      let text = try other.text("/who")
      #expect(text == "0", "\(kind)")
    }
  }

  @Test func keysAreChangedOneAfterTheOther() throws {
    for isEncrypted in [false, true] {
      let cookie = { (keys: [String], visitor: Visitor?) -> Visitor in
        let next = Visitor(self.app(Sessions(keys: keys, isEncrypted: isEncrypted)))
        next.cookies = visitor?.cookies ?? [:]
        return next
      }
      var visitor = cookie([secrets[0]], nil)
      _ = try visitor.ask("/login/7")
      visitor = cookie([secrets[1], secrets[0]], visitor)
      var text = try visitor.text("/who")
      #expect(text == "7")
      // What is written is signed by the first.
      _ = try visitor.ask("/add/book")
      visitor = cookie([secrets[2], secrets[1]], visitor)
      text = try visitor.text("/who")
      #expect(text == "7")
      visitor = cookie([secrets[2]], visitor)
      text = try visitor.text("/who")
      #expect(text == "0")
    }
  }

  @Test func anEncryptedCookieDoesNotTell() throws {
    let visitor = Visitor(app(Sessions(keys: [secrets[0]], isEncrypted: true)))
    _ = try visitor.ask("/add/secretbook")
    let first = visitor.cookies["session"]!
    let bytes = Base64URL.decode(first.utf8)!
    #expect(!String(decoding: bytes, as: UTF8.self).contains("secretbook"))
    let other = Visitor(visitor.app)
    _ = try other.ask("/add/secretbook")
    #expect(other.cookies["session"] != first)
  }

  @Test func aSessionEndsAndOneThatIsUsedGoesOn() throws {
    let now = Green.Mutex<Int64>(1_000_000)
    for store in [nil, MemoryStore()] as [MemoryStore?] {
      let sessions = Sessions(
        keys: [secrets[0]], cookie: "session", lifetime: .seconds(1000), isEncrypted: false, store: store,
        clock: { now.withLock { $0 } })
      let visitor = Visitor(app(sessions))
      _ = try visitor.ask("/login/7")
      now.withLock { $0 += 400 }
      var answer = try visitor.ask("/who")
      #expect(answer.text == "7" && answer.headers[.setCookie] == nil)
      now.withLock { $0 += 200 }
      answer = try visitor.ask("/who")
      #expect(answer.text == "7" && answer.headers[.setCookie] != nil && answer.headers[.vary] == "Cookie")
      now.withLock { $0 += 999 }
      answer = try visitor.ask("/who")
      #expect(answer.text == "7")
      now.withLock { $0 += 1000 }
      answer = try visitor.ask("/who")
      #expect(answer.text == "0")
    }
  }

  @Test func whatIsTooLargeForACookieIsAnErrorAndNotLost() throws {
    let visitor = Visitor(app(Sessions(keys: [secrets[0]])))
    let answer = try visitor.ask("/large")
    #expect(answer.status == .internalServerError && visitor.cookies.isEmpty)
    let kept = Visitor(app(Sessions(keys: [secrets[0]], store: MemoryStore())))
    let fine = try kept.ask("/large")
    #expect(fine.status == .ok)
  }

  @Test func aStoreThatIsDownIsAnErrorWhereTheSessionIsUsed() throws {
    let visitor = Visitor(app(Sessions(keys: [secrets[0]], store: DownStore())))
    var answer = try visitor.ask("/plain")
    #expect(answer.status == .ok)
    answer = try visitor.ask("/login/7")
    #expect(answer.status == .internalServerError)
  }

  @Test func aValueOfAnotherTypeIsAsNone() throws {
    let app = app(Sessions(keys: [secrets[0]]))
    app.get("/text") { request in request.session[Keys.text] ?? "none" }
    let visitor = Visitor(app)
    _ = try visitor.ask("/login/7")
    let text = try visitor.text("/text")
    #expect(text == "none")
  }

  @Test func aRequestEndsWithItsAnswer() throws {
    let kept = RequestKey<Kept?>(nil)
    let app = app(Sessions(keys: [secrets[0]]))
    let last = Green.Mutex<Weak>(Weak(kept: nil))
    app.beforeRequest { (request: Request) -> Void in
      let one = Kept()
      request[kept] = one
      last.withLock { $0 = Weak(kept: one) }
    }
    let visitor = Visitor(app)
    for path in ["/plain", "/who", "/login/7", "/who", "/logout"] {
      _ = try visitor.ask(path)
      #expect(last.withLock { $0.kept == nil }, "\(path)")
    }
  }

  @Test func messagesAreShownOnce() throws {
    try everyKind { sessions, kind in
      let visitor = Visitor(self.app(sessions))
      _ = try visitor.ask("/flash")
      var text = try visitor.text("/flashes")
      #expect(text == "info:one error:two", "\(kind)")
      text = try visitor.text("/flashes")
      #expect(text == "", "\(kind)")
    }
  }

  @Test func aThousandVisitorsAtOnceSeeTheirOwn() throws {
    try everyKind { sessions, kind in
      let app = self.app(sessions)
      let fibers = (1...300).map { number in
        Fiber.spawn {
          let visitor = Visitor(app)
          _ = try visitor.ask("/login/\(number)")
          Fiber.yield()
          return try visitor.text("/who")
        }
      }
      for (index, fiber) in fibers.enumerated() {
        let text = try fiber.value
        #expect(text == "\(index + 1)", "\(kind)")
      }
    }
  }
}
