import Foundation
import Green
import SuiteSupport
import TestSupport
import Testing

/// What a forger has to guess who does not see the questions.
@Suite(.bounded) struct ForgeryTests {
  private static let name = "a-name-of-many-letters.example.test"

  @Test func noPortServesManyQuestions() throws {
    let server = try NameServer {
      .answer($0.answer($0.type == 1 ? [.a($0.name, "10.0.0.1")] : []), after: .milliseconds(50))
    }
    try lookingUp(at: server, try NameFiles()) {
      let fibers = (0..<200).map { number in Fiber.spawn { hosts("n\(number).test") } }
      for found in try values(fibers) { #expect(found == .success(["10.0.0.1"])) }
      let counts = server.questionsByPort.values
      #expect(counts.reduce(0, +) == 400 && counts.max()! <= 8 && counts.count >= 50, "\(counts)")
    }
  }

  /// Also while one question is never answered, so that c-ares is never without any.
  @Test func aPortThatHasAskedItsShareIsClosed() throws {
    let server = try NameServer {
      $0.name.hasPrefix("silent") ? .silence : .answer($0.answer($0.type == 1 ? [.a($0.name, "10.0.0.1")] : []))
    }
    let port = try #require(server.address.port)
    let peer = String(format: " 0100007F:%04X ", Int(port))
    try lookingUp(at: server, try NameFiles()) {
      let silent = Fiber.spawn { hosts("silent.test") }
      for number in 0..<100 { #expect(hosts("n\(number).test") == .success(["10.0.0.1"])) }
      let table = try String(contentsOfFile: "/proc/net/udp", encoding: .utf8)
      let sockets = table.split(separator: "\n").count { $0.contains(peer) }
      #expect((1...4).contains(sockets), "\(sockets)")
      silent.cancel()
      _ = try? silent.value
    }
  }

  @Test func anAnswerInOtherLettersIsNotBelieved() throws {
    let server = try NameServer { query in
      let good = query.answer(query.type == 1 ? [.a(query.name, "10.0.0.1")] : [])
      guard query.hasCapitals else { return .answer(good) }
      return .answers([query.inSmallLetters.answer([.a(query.name, "10.6.6.6")]), good])
    }
    try lookingUp(at: server, try NameFiles()) {
      #expect(hosts(Self.name) == .success(["10.0.0.1"]))
    }
  }

  @Test(arguments: [UInt8(1), 2, 4, 5]) func aRefusalInOtherLettersIsNotBelieved(_ code: UInt8) throws {
    let server = try NameServer { query in
      let good = query.answer(query.type == 1 ? [.a(query.name, "10.0.0.1")] : [])
      guard query.hasCapitals else { return .answer(good) }
      return .answers([query.inSmallLetters.answer(code: code), good])
    }
    try lookingUp(at: server, try NameFiles(), change: { $0.attempts = 1 }) {
      #expect(hosts(Self.name) == .success(["10.0.0.1"]))
    }
  }

  @Test(arguments: [(UInt8(2), ResolverError.serverFailure(name)), (5, .refused(name))])
  func aRefusalOfAServerThatDoesNotKeepTheLettersIsTold(_ code: UInt8, _ error: ResolverError) throws {
    let server = try NameServer { query in .answer(query.inSmallLetters.answer(code: code)) }
    try lookingUp(at: server, try NameFiles(), change: { $0.attempts = 1 }) {
      #expect(hosts(Self.name) == .failure(error))
    }
  }

  @Test func aServerThatKeepsNeitherTheLettersNorKnowsEDNSAnswersManyQuestionsAtOnce() throws {
    let server = try NameServer { query in
      let query = query.inSmallLetters
      if query.usesEDNS { return .answer(query.answer(code: 1)) }
      return .answer(query.answer(query.type == 1 ? [.a(query.name, "10.0.0.1")] : []))
    }
    try lookingUp(at: server, try NameFiles(resolvConf: "options edns0\n")) {
      let fibers = (0..<5).map { number in Fiber.spawn { hosts("\(number)." + Self.name) } }
      for found in try values(fibers) { #expect(found == .success(["10.0.0.1"])) }
      #expect(hosts("last." + Self.name) == .success(["10.0.0.1"]))
    }
  }

  @Test func aServerThatDoesNotKeepTheLettersIsAskedPlainlyBeforeLong() throws {
    let server = try NameServer { query in
      .answer(query.inSmallLetters.answer(query.type == 1 ? [.a(query.name, "10.0.0.1")] : []))
    }
    try lookingUp(at: server, try NameFiles()) {
      for number in 0..<10 { #expect(hosts("\(number)." + Self.name) == .success(["10.0.0.1"])) }
      #expect(server.questions.count <= 26, "\(server.questions)")
      #expect(server.count(of: "9." + Self.name) == 2)
    }
  }

  /// Such a server answers in small letters also what was asked in capitals by who wrote them.
  @Test func aNameInCapitalsIsAnsweredByAServerThatDoesNotKeepTheLetters() throws {
    let server = try NameServer { query in
      .answer(query.inSmallLetters.answer(query.type == 1 ? [.a(query.name, "10.0.0.1")] : []))
    }
    try lookingUp(at: server, try NameFiles()) {
      for number in 0..<10 { #expect(hosts("\(number).A-NAME-OF-MANY-LETTERS.Example.Test") == .success(["10.0.0.1"])) }
      #expect(server.questions.count <= 26, "\(server.questions.count)")
    }
  }

  @Test func namesThatPointIntoTheQuestionAreSpelledAsItWas() throws {
    let server = try NameServer { query in
      // An alias for "c" and what follows the question's first label.
      let alias = NameServer.Record(query.name, type: 5, data: [1, 99, 0xc0, UInt8(12 + 23)])
      return .answer(query.answer([alias, .a("c.example.test", "10.0.0.1")]))
    }
    try lookingUp(at: server, try NameFiles()) {
      let hints = AddressHints(flags: 2, family: 2, socketType: 1)
      let found = try Resolver.addressInfo(host: Self.name, service: nil, hints: hints, until: .after(.seconds(20)))
      #expect(found.map(\.canonicalName) == ["c.example.test"])
    }
  }

  @Test(arguments: [(UInt8(2), ResolverError.serverFailure(name)), (5, .refused(name))])
  func aRefusalOverTCPIsToldAsOverUDP(_ code: UInt8, _ error: ResolverError) throws {
    let server = try NameServer { query in
      .answer(query.isOverTCP ? query.answer(code: code) : query.answer(isTruncated: true))
    }
    try lookingUp(at: server, try NameFiles(), change: { $0.attempts = 1 }) {
      #expect(hosts(Self.name) == .failure(error))
    }
  }
}
