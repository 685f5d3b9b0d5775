import Foundation
import Green
import SuiteSupport
import TestSupport
import Testing

private typealias Record = NameServer.Record

@Suite(.bounded) struct ResolverAnswerTests {
  @Test func bothFamiliesOfAHostAreFound() throws {
    try lookingUp([.a("www.test", "127.0.0.5"), .aaaa("www.test", "::1")]) { _ in
      let found = try Resolver.addressInfo(
        host: "www.test", service: "80", hints: AddressHints(socketType: 1), until: .after(.seconds(20)))
      #expect(found.map(\.address.description).sorted() == ["127.0.0.5:80", "[::1]:80"])
    }
  }

  @Test func aliasesAreFollowedToTheCanonicalName() throws {
    let records: [Record] = [.cname("a.test", "b.test"), .cname("b.test", "C.test"), .a("C.test", "10.0.0.1")]
    try lookingUp(records) { _ in
      let hints = AddressHints(flags: 2, family: AF_INET, socketType: 1)
      let found = try Resolver.addressInfo(host: "a.test", service: nil, hints: hints, until: .after(.seconds(20)))
      #expect(found.map(\.canonicalName) == ["C.test"])
      #expect(found.map(\.address.host) == ["10.0.0.1"])
    }
  }

  @Test func whatIsMissingIsToldApart() throws {
    let server = try NameServer { query in
      switch query.name {
      case "known.test": .answer(query.answer())
      case "broken.test": .answer(query.answer(code: 2))
      case "secret.test": .answer(query.answer(code: 5))
      case "silent.test": .silence
      default: .answer(query.answer(code: 3))
      }
    }
    try lookingUp(at: server, try NameFiles(), change: { $0.timeout = .seconds(10) }) {
      let deadline = Deadline.after(.seconds(60))
      #expect(hosts("nobody.test", until: deadline) == .failure(.notFound("nobody.test")))
      #expect(hosts("known.test", until: deadline) == .failure(.noData("known.test")))
      #expect(hosts("broken.test", until: deadline) == .failure(.serverFailure("broken.test")))
      #expect(hosts("secret.test", until: deadline) == .failure(.refused("secret.test")))
      Hub.current!.resolverConfiguration.timeout = .milliseconds(500)
      #expect(hosts("silent.test", until: deadline) == .failure(.unanswered("silent.test")))
      #expect(hosts("silent.test", until: .after(.milliseconds(5))) == .failure(.timedOut("silent.test")))
      #expect(hosts("", until: deadline) == .failure(.invalidName("", "it is empty")))
    }
  }

  @Test func theCodesAreThoseOfGetaddrinfo() {
    let codes: [(ResolverError, CInt)] = [
      (.notFound("x"), EAI_NONAME), (.noData("x"), -5), (.serverFailure("x"), EAI_AGAIN), (.timedOut("x"), EAI_AGAIN),
      (.malformedAnswer("x", ""), EAI_FAIL), (.failed("x", code: EAI_FAMILY, ""), EAI_FAMILY),
    ]
    for (error, code) in codes { #expect(error.code == code, "\(error)") }
  }

  @Test(arguments: [
    "a..b", ".a", String(repeating: "x", count: 64) + ".test", String(repeating: "abcdefg.", count: 40), "nu\0ll",
    "-option", "sp ace", "münchen.test", "x\\.y", "a/b", "[::1]", "\u{7f}", "a\nb",
  ])
  func whatCannotBeAHostIsNotAskedFor(_ name: String) throws {
    try lookingUp([]) { server in
      let error = try #require(failure { try hosts(name).get() })
      #expect(error.code == EAI_NONAME && error.name == name, "\(error)")
      #expect(server.questions.isEmpty)
    }
  }

  /// As the C library has it: a hosts file or a private zone may know such a name.
  @Test(arguments: ["1.2.3.4.5", "999.1.1.1", "4294967296"])
  func digitsThatAreNoAddressAreAName(_ name: String) throws {
    try lookingUp([.a(name, "10.0.0.7")]) { server in
      #expect(hosts(name) == .success(["10.0.0.7"]))
      #expect(server.count(of: name) > 0)
    }
  }

  @Test func whereNobodyListensTheNameIsUnanswered() throws {
    let server = try NameServer { _ in .silence }
    server.stop()
    try lookingUp(at: server, try NameFiles()) {
      #expect(hosts("www.test") == .failure(.unanswered("www.test")))
    }
  }

  @Test func longAnswersComeOverTCP() throws {
    let records = (0..<100).map { Record.a("many.test", "10.0.1.\($0)") }
    try lookingUp(records) { server in
      #expect(Set((try? hosts("many.test").get()) ?? []).count == 100)
      #expect(server.countOverTCP == 1)
    }
  }

  @Test(arguments: [true, false])
  func onlyTheServersOwnFormatErrorEndsEDNS(_ isForged: Bool) throws {
    let extended = Mutex<[String: Bool]>([:])
    let server = try NameServer { query in
      extended.withLock { $0[query.name] = query.usesEDNS }
      let answer = query.answer([.a(query.name, "10.0.0.7")])
      guard query.usesEDNS, query.name == "first.test" else { return .answer(answer) }
      return isForged ? .answers([query.misremembered.answer(code: 1), answer]) : .answer(query.answer(code: 1))
    }
    try lookingUp(at: server, try NameFiles(resolvConf: "options edns0\n")) {
      #expect(hosts("first.test") == .success(["10.0.0.7"]))
      #expect(hosts("second.test") == .success(["10.0.0.7"]))
    }
    #expect(extended.withLock { $0 } == ["first.test": isForged, "second.test": isForged])
  }

  /// RFC 6891, 7: of one that does not know the extension, a header alone may come.
  @Test func aFormatErrorWithoutAQuestionEndsEDNSToo() throws {
    let extended = Mutex<[String: [Bool]]>([:])
    let server = try NameServer { query in
      extended.withLock { $0[query.name, default: []].append(query.usesEDNS) }
      guard query.usesEDNS else { return .answer(query.answer([.a(query.name, "10.0.0.7")])) }
      var header = Array(query.answer(code: 1).prefix(12))
      header[5] = 0
      return .answer(header)
    }
    let hints = AddressHints(family: AF_INET, socketType: 1)
    try lookingUp(at: server, try NameFiles(resolvConf: "options edns0\n")) {
      // Several at once: each is asked again without it.
      let fibers = (0..<5).map { index in
        Fiber.spawn { try Resolver.addressInfo(host: "n\(index).test", service: nil, hints: hints) }
      }
      let found = try values(fibers)
      #expect(found.allSatisfy { $0.map(\.address.host) == ["10.0.0.7"] })
      #expect(hosts("last.test") == .success(["10.0.0.7"]))
    }
    let asked = extended.withLock { $0 }
    #expect(asked["n0.test"]?.first == true)
    for index in 0..<5 { #expect(asked["n\(index).test"]?.last == false) }
    #expect(asked["last.test"]?.contains(true) == false)
  }

  @Test func theNextServerIsAskedWhereTheFirstFails() throws {
    let good = try NameServer(NameServer.zone([.a("www.test", "10.0.0.7")]))
    let bad = try NameServer { .answer($0.answer(code: 2)) }
    let silent = try NameServer { _ in .silence }
    defer { bad.stop() }
    defer { silent.stop() }
    let change: (inout Resolver.Configuration) -> Void = {
      $0.nameServers = [silent.address, bad.address, good.address]
      // Long enough for those that answer, also on a busy machine.
      $0.timeout = .seconds(2)
    }
    try lookingUp(at: good, try NameFiles(), change: change) {
      #expect(hosts("www.test") == .success(["10.0.0.7"]))
      #expect(silent.count(of: "www.test") > 0 && bad.count(of: "www.test") > 0)
    }
  }
}

@Suite(.bounded) struct ReverseTests {
  @Test func anAddressHasTheNamesOfItsPointers() throws {
    let records: [Record] = [
      .ptr("9.2.0.192.in-addr.arpa", "one.test"), .ptr("9.2.0.192.in-addr.arpa", "two.test"),
      .ptr("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "six.test"),
      .ptr("7.2.0.192.in-addr.arpa", "$(reboot).test"),
    ]
    try lookingUp(records) { _ in
      let address = SocketAddress(host: "192.0.2.9", port: 443)!
      #expect(outcome { try Resolver.names(of: address) } == .success(["one.test", "two.test"]))
      #expect(outcome { try Resolver.name(of: address) } == .success(HostName(host: "one.test", service: "https")))
      #expect(
        outcome { try Resolver.names(of: SocketAddress(host: "2001:db8::1", port: 1)!) } == .success(["six.test"]))
      let other = SocketAddress(host: "192.0.2.8", port: 65000)!
      #expect(outcome { try Resolver.name(of: other) } == .success(HostName(host: "192.0.2.8", service: "65000")))
      #expect(failure { try Resolver.name(of: other, flags: NI_NAMEREQD) }?.code == EAI_NONAME)
      #expect(failure { try Resolver.names(of: other) }?.code == EAI_NONAME)
      // What a shell could misread is no name.
      #expect(failure { try Resolver.names(of: SocketAddress(host: "192.0.2.7", port: 1)!) } != nil)
    }
  }

  @Test func theHostsFileComesFirst() throws {
    let server = try NameServer(NameServer.zone([.ptr("9.2.0.192.in-addr.arpa", "dns.test")]))
    let files = try NameFiles(hosts: "192.0.2.9 file.test alias\n2001:db8::5 six.test\n")
    try lookingUp(at: server, files) {
      #expect(
        outcome { try Resolver.names(of: SocketAddress(host: "192.0.2.9", port: 1)!) }
          == .success(["file.test", "alias"]))
      #expect(
        outcome { try Resolver.names(of: SocketAddress(host: "2001:db8::5", port: 1)!) } == .success(["six.test"]))
      #expect(server.questions.isEmpty)
    }
  }

  @Test func numbersStayNumbersWhereTheyAreAskedFor() throws {
    let flags = NI_NUMERICHOST | NI_NUMERICSERV
    #expect(
      outcome { try Resolver.name(of: SocketAddress(host: "127.0.0.1", port: 80)!, flags: flags) }
        == .success(HostName(host: "127.0.0.1", service: "80")))
    #expect(
      failure { try Resolver.name(of: SocketAddress(host: "::1", port: 1)!, flags: 1 << 20) }?.code == EAI_BADFLAGS)
  }
}

@Suite(.bounded) struct RecordTests {
  @Test func servicesComeByPriorityAndWeight() throws {
    let name = "_http._tcp.test"
    let records: [Record] = [
      .srv(name, priority: 20, weight: 0, port: 3, "last.test"),
      .srv(name, priority: 10, weight: 0, port: 2, "idle.test"),
      .srv(name, priority: 10, weight: 1000, port: 1, "busy.test", timeToLive: 77),
    ]
    try lookingUp(records) { server in
      var first = 0
      for _ in 0..<100 {
        let found = try Resolver.serviceRecords(of: name)
        #expect(found.count == 3 && found.last?.target == "last.test")
        if found[0].target == "busy.test" { first += 1 }
      }
      #expect(first > 80, "weights are not kept")
      #expect(server.count(of: name) == 1)
      let busy = try Resolver.serviceRecords(of: name + ".").first { $0.weight == 1000 }
      #expect(busy?.port == 1 && busy?.priority == 10 && busy?.timeToLive == .seconds(77))
    }
  }

  @Test func mailTextsAndPointers() throws {
    let records: [Record] = [
      .mx("test", 20, "second.test"), .mx("test", 10, "first.test"), .txt("test", ["v=spf1 ", "-all"]),
      .txt("test", [""]), .ptr("_services.test", "printer._ipp.test"),
    ]
    try lookingUp(records) { _ in
      #expect(
        outcome { try Resolver.mailExchanges(of: "test").map(\.exchange) } == .success(["first.test", "second.test"]))
      #expect(outcome { try Resolver.textRecords(of: "test").map(\.text) } == .success(["v=spf1 -all", ""]))
      #expect(
        outcome { try Resolver.pointerRecords(of: "_services.test").map(\.name) } == .success(["printer._ipp.test"]))
      #expect(failure { try Resolver.mailExchanges(of: "_services.test") } == .noData("_services.test"))
      #expect(failure { try Resolver.textRecords(of: "nothing.test") } == .notFound("nothing.test"))
      #expect(failure { try Resolver.serviceRecords(of: "a..b") } == .invalidName("a..b", "it has an empty label"))
    }
  }

  @Test(arguments: [
    "My Printer.test", "my\\032printer.test", "m\\121 printer.test.", "\\My\\ Printer.test",
  ])
  func namesWithBlanksAreAskedFor(_ name: String) throws {
    try lookingUp([.txt("My Printer.test", ["there"])]) { server in
      #expect(outcome { try Resolver.textRecords(of: name).map(\.text) } == .success(["there"]))
      #expect(server.questions == ["my printer.test 16"])
    }
  }

  @Test func namesOfServiceInstancesAreAskedFor() throws {
    let service = "_ipp._tcp.test"
    let instance = "Büro 2 (links)." + service
    let records: [Record] = [
      .ptr(service, instance), .srv(instance, priority: 0, weight: 0, port: 631, "printer.test"),
    ]
    try lookingUp(records) { _ in
      let names = try Resolver.pointerRecords(of: service).map(\.name)
      #expect(names == ["B\\195\\188ro\\0322\\032\\(links\\)." + service])
      for name in names + [instance] {
        #expect(outcome { try Resolver.serviceRecords(of: name).map(\.port) } == .success([631]), "\(name)")
      }
    }
  }

  @Test func aDotOfALabelIsNoEndOfIt() throws {
    let server = try NameServer { query in
      var answer = query.answer()
      // The label's length, and what follows its first byte.
      guard answer[12] == 3, answer[14] == UInt8(ascii: ".") else { return .answer(query.answer(code: 3)) }
      answer[7] = 1
      return .answer(answer + [0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 3, 2] + Array("ok".utf8))
    }
    try lookingUp(at: server, try NameFiles()) {
      #expect(outcome { try Resolver.textRecords(of: "a\\.b.test").map(\.text) } == .success(["ok"]))
      #expect(outcome { try Resolver.textRecords(of: "a\\046b.test").map(\.text) } == .success(["ok"]))
      #expect(failure { try Resolver.textRecords(of: "a.b.test") } == .notFound("a.b.test"))
    }
  }

  @Test(arguments: [
    ("a\\", "it ends in a backslash"),
    ("a\\25.test", "it has a backslash before a number that is not one of three digits, up to 255"),
    ("a\\256.test", "it has a backslash before a number that is not one of three digits, up to 255"),
    ("a\\000.test", "it contains a null byte"),
  ])
  func whatIsNoEscapeIsNoName(_ name: String, _ reason: String) throws {
    try lookingUp([]) { server in
      #expect(failure { try Resolver.textRecords(of: name) } == .invalidName(name, reason))
      #expect(server.questions.isEmpty)
    }
  }

  @Test func namesWithUnusualBytesAreEscaped() throws {
    try lookingUp([.ptr("p.test", "a b\"c\u{1}.test")]) { _ in
      #expect(outcome { try Resolver.pointerRecords(of: "p.test").map(\.name) } == .success(["a\\032b\\\"c\\001.test"]))
    }
  }
}
