import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct ResolverCacheTests {
  @Test func aThousandFibersThatAskOneNameMakeOneQuery() throws {
    let server = try NameServer {
      .answer(NameServer.answer(to: $0, [.a("www.test", "10.0.0.1")]), after: .milliseconds(50))
    }
    try lookingUp(at: server, try NameFiles()) {
      let hints = AddressHints(family: 2, socketType: 1)
      let fibers = (0..<1000).map { _ in
        Fiber.spawn { try Resolver.addressInfo(host: "www.test", service: nil, hints: hints) }
      }
      let found = try values(fibers)
      #expect(found.allSatisfy { $0.map(\.address.host) == ["10.0.0.1"] })
      #expect(server.questions == ["www.test 1"])
    }
  }

  @Test func answersAreKeptForTheirTimeToLive() throws {
    try lookingUp([.a("long.test", "10.0.0.1"), .a("short.test", "10.0.0.2", timeToLive: 0)]) { server in
      for _ in 0..<3 {
        _ = hosts("long.test")
        _ = hosts("short.test")
      }
      #expect(server.questions.count { $0 == "long.test 1" } == 1)
      #expect(server.questions.count { $0 == "short.test 1" } == 3)
      Resolver.forgetAnswers()
      _ = hosts("long.test")
      #expect(server.questions.count { $0 == "long.test 1" } == 2)
    }
  }

  @Test func anAnswerExpires() throws {
    try lookingUp([.a("www.test", "10.0.0.1", timeToLive: 1)]) { server in
      _ = hosts("www.test")
      _ = hosts("www.test")
      #expect(server.questions.count { $0 == "www.test 1" } == 1)
      try Fiber.sleep(for: .milliseconds(1200))
      _ = hosts("www.test")
      #expect(server.questions.count { $0 == "www.test 1" } == 2)
    }
  }

  @Test func negativeAnswersAreKeptForAsLongAsTheySay() throws {
    for (minimum, expected) in [(UInt32(0), 3), (60, 1), (nil, 1)] as [(UInt32?, Int)] {
      let server = try NameServer(NameServer.zone([], negativeTimeToLive: minimum))
      try lookingUp(at: server, try NameFiles()) {
        for _ in 0..<3 { #expect(hosts("none.test") == .failure(.notFound("none.test"))) }
        #expect(server.questions.count { $0 == "none.test 1" } == expected, "\(minimum ?? 999)")
      }
    }
  }

  @Test func failuresAreNotKept() throws {
    let server = try NameServer { .answer($0.answer(code: 2)) }
    try lookingUp(at: server, try NameFiles(), change: { $0.attempts = 1 }) {
      for _ in 0..<3 { #expect(hosts("www.test") == .failure(.serverFailure("www.test"))) }
      #expect(server.questions.count { $0 == "www.test 1" } == 3)
    }
  }

  @Test func theCacheIsBounded() throws {
    let server = try NameServer { .answer($0.answer([.a($0.name, "10.0.0.1")])) }
    try lookingUp(at: server, try NameFiles(), change: { $0.keptAnswers = 40 }) {
      let hints = AddressHints(family: 2, socketType: 1)
      for index in 0..<200 { _ = try Resolver.addressInfo(host: "n\(index).test", service: nil, hints: hints) }
      #expect(server.questions.count == 200)
      // The last ones are still there, the first are not.
      _ = try Resolver.addressInfo(host: "n199.test", service: nil, hints: hints)
      #expect(server.questions.count == 200)
      _ = try Resolver.addressInfo(host: "n0.test", service: nil, hints: hints)
      #expect(server.questions.count == 201)
    }
  }

  @Test func oneThatGivesUpDoesNotEndTheQuestionForOthers() throws {
    let hasGivenUp = Event()
    let server = try NameServer { query in
      // Before the question is asked again.
      try? hasGivenUp.wait(until: .after(.seconds(4)))
      return .answer(NameServer.answer(to: query, [.a("www.test", "10.0.0.1")]))
    }
    try lookingUp(at: server, try NameFiles()) {
      let hasty = (0..<10).map { _ in
        Fiber.spawn { hosts("www.test", until: .after(.milliseconds(10))) }
      }
      let patient = Fiber.spawn { hosts("www.test") }
      let failures = try values(hasty)
      hasGivenUp.set()
      #expect(failures.allSatisfy { $0 == .failure(.timedOut("www.test")) })
      let found = try patient.value
      #expect(found == .success(["10.0.0.1"]))
      #expect(server.questions.count { $0 == "www.test 1" } == 1)
    }
  }

  @Test func whenAllHaveGivenUpTheAnswerIsKeptAllTheSame() throws {
    let hasGivenUp = Event()
    let server = try NameServer { query in
      // Before the question is asked again.
      try? hasGivenUp.wait(until: .after(.seconds(4)))
      return .answer(NameServer.answer(to: query, [.a("www.test", "10.0.0.1")]))
    }
    try lookingUp(at: server, try NameFiles()) {
      let found = hosts("www.test", until: .after(.milliseconds(5)))
      hasGivenUp.set()
      #expect(found == .failure(.timedOut("www.test")))
      try Fiber.sleep(for: .milliseconds(1000))
      #expect(hosts("www.test") == .success(["10.0.0.1"]))
      #expect(server.questions.count { $0 == "www.test 1" } == 1)
    }
  }

  @Test func aHubEndsWithQuestionsUnderWay() throws {
    let server = try NameServer { _ in .silence }
    let elapsed = try seconds {
      try lookingUp(at: server, try NameFiles(), change: { $0.timeout = .seconds(60) }) {
        for index in 0..<100 {
          #expect(hosts("n\(index).test", until: .now) == .failure(.timedOut("n\(index).test")))
        }
      }
    }
    #expect(elapsed < 30)
  }

  @Test func aThousandNamesAtOnceTakeAboutAsLongAsOne() throws {
    let server = try NameServer { .answer($0.answer([.a($0.name, "10.0.0.1")]), after: .milliseconds(100)) }
    try lookingUp(at: server, try NameFiles()) {
      let hints = AddressHints(family: 2, socketType: 1)
      let elapsed = try seconds {
        let fibers = (0..<1000).map { index in
          Fiber.spawn { try Resolver.addressInfo(host: "n\(index).test", service: nil, hints: hints) }
        }
        let found = try values(fibers)
        #expect(found.allSatisfy { $0.count == 1 })
      }
      // Ten threads would take 10 s.
      #expect(elapsed >= 0.1 && elapsed < 8, "\(elapsed) s")
    }
  }

  @Test func moreQuestionsThanMayBeUnderWayWaitTheirTurn() throws {
    let server = try NameServer { .answer($0.answer([.a($0.name, "10.0.0.1")])) }
    try lookingUp(at: server, try NameFiles(), change: { $0.concurrentQuestions = 50 }) {
      let hints = AddressHints(family: 2, socketType: 1)
      let fibers = (0..<35_000).map { index in
        Fiber.spawn { try Resolver.addressInfo(host: "n\(index).test", service: nil, hints: hints).count }
      }
      let found = try values(fibers)
      #expect(found.allSatisfy { $0 == 1 })
    }
  }
}
