import Glibc
import SuiteSupport
import TestSupport
import Testing

@testable import Green

@Suite(.bounded) struct ConfigurationFileTests {
  @Test func resolvConfIsReadAsItsManualSays() {
    let file = ResolvConf(
      Array(
        """
        # comment
        ; comment
        nameserver 10.0.0.1
        nameserver fe80::1%1
        nameserver nonsense
          nameserver 10.9.9.9
        nameserver 2001:db8::1 # after it
        nameserver 10.0.0.4
        domain first.test
        search a.test b.test\tc.test
        options ndots:3 timeout:2 attempts:4 rotate
        options edns0 use-vc no-aaaa no-tld-query nonsense ndots:x timeout: attempts:-1
        """.utf8))
    #expect(file.nameServers.map(\.description) == ["10.0.0.1:53", "[fe80::1%1]:53", "[2001:db8::1]:53"])
    #expect(file.searchDomains == ["a.test", "b.test", "c.test"])
    #expect(file.ndots == 3 && file.timeout == 2 && file.attempts == 1)
    #expect(file.rotates && file.usesEDNS && file.usesTCP && file.asksNoIPv6 && file.skipsTopLevel)
  }

  @Test func withoutResolvConfThisMachineIsAsked() {
    let file = ResolvConf([], hostName: "me.example.test")
    #expect(file.nameServers.map(\.description) == ["127.0.0.1:53"])
    #expect(file.searchDomains == ["example.test"])
    #expect(file.ndots == 1 && file.timeout == 5 && file.attempts == 2)
  }

  @Test func theEnvironmentOverridesResolvConf() {
    let file = ResolvConf(
      Array("search a.test\noptions ndots:3\n".utf8), localDomain: "x.test y.test",
      options: "ndots:99 timeout:99 rotate")
    #expect(file.searchDomains == ["x.test", "y.test"])
    #expect(file.ndots == 15 && file.timeout == 30 && file.rotates)
  }

  @Test(arguments: [
    ("files dns", "files dns"), ("", "files dns"), ("files [NOTFOUND=return] dns", "files(notFound) dns"),
    ("files [!SUCCESS=return] dns", "files(notFound,tryAgain,unavailable) dns"),
    ("files[SUCCESS=continue UNAVAIL=return]dns", "files(unavailable,-success) dns"),
    ("mdns4_minimal [NOTFOUND=return] resolve", "multicast(notFound) other(\"resolve\")"),
    ("[NOTFOUND=return] files", "files dns"), ("files [NOTFOUND] dns", "files dns"), ("files [X=return]", "files dns"),
    ("files [NOTFOUND=jump]", "files dns"), ("files [NOTFOUND=return", "files dns"), ("files [] dns", "files dns"),
  ])
  func nsswitchIsReadAsItsManualSays(_ line: String, _ expected: String) {
    let text = line.isEmpty ? "passwd: files\n" : "passwd: x\n  hosts:\t\(line)\nhostsx: y\n"
    let sources = NameServiceSwitch(Array(text.utf8)).sources.map { source in
      var marks = source.returning.filter { $0 != .success }.map { "\($0)" }.sorted()
      if !source.returning.contains(.success) { marks.append("-success") }
      return "\(source.kind)" + (marks.isEmpty ? "" : "(\(marks.joined(separator: ",")))")
    }
    #expect(sources.joined(separator: " ") == expected)
  }

  @Test func theHostsFileFindsNamesAndAddressesInTheirOrder() {
    let file = HostsFile(Array("10.0.0.1 a b\n::1 A\n10.0.0.1\tc#d\nx y\n10.0.0.2 ab".utf8))
    #expect(file.lines(naming: "A").map { $0.address.text } == ["10.0.0.1", "::1"])
    #expect(file.lines(naming: "ab").map { $0.address.text } == ["10.0.0.2"])
    #expect(file.lines(naming: "d").isEmpty && file.lines(naming: "").isEmpty && file.lines(naming: "y").isEmpty)
    #expect(file.lines(of: IPAddress(v4: 0x0a00_0001)).map(\.names) == [["a", "b"], ["c"]])
  }

  @Test func aHostsFileOfAHundredThousandLinesIsSearchedQuickly() {
    let text = (0..<100_000).map { "0.0.0.0 ads\($0).example.test\n" }.joined()
    let file = HostsFile(Array(text.utf8))
    let elapsed = seconds {
      for index in 0..<1000 { #expect(file.lines(naming: "ADS\(index * 97).example.test").count == 1) }
    }
    #expect(elapsed < 5)
  }

  @Test func servicesAreFoundByNameAliasAndPort() {
    let file = ServicesFile(
      Array("http 80/tcp www # web\nhttp 80/sctp\nx 99999/tcp\ny 1\nz /tcp\ndns 53/udp\ndns2 53/udp\n".utf8))
    #expect(file.port(of: "http", over: "tcp") == 80 && file.port(of: "www", over: "tcp") == 80)
    #expect(file.port(of: "http", over: "udp") == nil && file.port(of: "x", over: "tcp") == nil)
    #expect(file.name(of: 53, over: "udp") == "dns" && file.name(of: 80, over: "tcp") == "http")
  }

  @Test func garbageInTheFilesIsPassedOver() {
    for _ in 0..<300 {
      let words = [
        "nameserver", "search", "options", "hosts:", "files", "dns", "[", "]", "=", "!", "10.0.0.1", "::1", "label",
        "/",
        "precedence", "scopev4", "ndots:", "ndots:99999999999999999999", "\0", "\u{ff}", "::/129", "-1", "80/tcp", "\t",
        "\r", "#",
        "multi", "on",
      ]
      let bytes = (0..<Int.random(in: 0...200)).flatMap { _ -> [UInt8] in
        Bool.random()
          ? Array(words.randomElement()!.utf8) + [Bool.random() ? 32 : 10] : [UInt8.random(in: 0...255)]
      }
      let policy = AddressPolicy(bytes)
      _ = (policy.label(.loopback6), policy.precedence(.loopback4), policy.scope(.any4))
      _ = (ResolvConf(bytes), NameServiceSwitch(bytes), ServicesFile(bytes), HostConf(bytes))
      _ = HostsFile(bytes).lines(naming: "dns")
    }
  }

  @Test func whatIsNoFileCountsAsEmpty() throws {
    for path in ["/nonexistent/file", "/tmp", "/dev/zero", "/proc/self/mem", ""] {
      let file = ConfigurationFile(path) { $0.count }
      #expect(file.current == 0, "\(path)")
    }
    let pipe = "/tmp/greenfinch-fifo-\(getpid())"
    mkfifo(pipe, 0o600)
    defer { unlink(pipe) }
    #expect(ConfigurationFile(pipe) { $0.count }.current == 0)
  }

  /// A socket in its place, which open(2) refuses also to whoever may read all files.
  @Test func whatCannotBeOpenedIsReadAgainOnceItHasChanged() throws {
    let path = "/tmp/greenfinch-file-\(getpid())"
    unlink(path)
    defer { unlink(path) }
    try #require(mknod(path, S_IFSOCK | 0o600, 0) == 0)
    let file = ConfigurationFile(path) { $0.count }
    #expect(file.current == 0 && file.version == 1)
    file.lookAgain()
    #expect(file.current == 0 && file.version == 1)
    unlink(path)
    let descriptor = creat(path, 0o600)
    #expect(write(descriptor, "text", 4) == 4)
    close(descriptor)
    file.lookAgain()
    #expect(file.current == 4 && file.version == 2)
  }
}

@Suite(.bounded) struct ResolverSettingTests {
  @Test func nameServersAreAddressesWithOrWithoutAPort() {
    let servers = Settings.resolverNameServers.parse("127.0.0.1:5353, [::1]:54,::1,10.0.0.1 [fe80::1%1]")
    #expect(
      servers?.map(\.description) == [
        "127.0.0.1:5353", "[::1]:54", "[::1]:53", "10.0.0.1:53", "[fe80::1%1]:53",
      ])
    for text in ["localhost", "1.2.3.4:0", "::1:x", "[::1", ":", "1.2.3.4:99999", "10.0.0.1,localhost"] {
      #expect(Settings.resolverNameServers.parse(text) == nil, "\(text)")
    }
  }

  @Test func theTimeoutIsATimeThatMakesSense() {
    #expect(Settings.resolverTimeout.parse("0.25") == .milliseconds(250))
    #expect(Settings.resolverTimeout.parse("0") == .zero)
    for text in ["nan", "inf", "-1", "1e99", "", "soon", "4000", "0.0001"] {
      #expect(Settings.resolverTimeout.parse(text) == nil, "\(text)")
    }
  }

  @Test func aResolvConfThatChangesIsObeyed() throws {
    let one = try NameServer(port: 0, NameServer.zone([.a("www.one.test", "10.0.0.1")]))
    let files = try NameFiles(resolvConf: "search one.test\n")
    try lookingUp(at: one, files) {
      #expect(hosts("www") == .success(["10.0.0.1"]))
      try files.write("resolv.conf", "search two.test\n")
      try Fiber.sleep(for: .milliseconds(1100))
      #expect(hosts("www") == .failure(.notFound("www")))
      #expect(one.count(of: "www.two.test") == 2)
    }
  }

  @Test func aConfigurationThatIsReplacedAnswersWhatItWasAsked() throws {
    let slow = try NameServer { .answer($0.answer([.a($0.name, "10.0.0.1")]), after: .milliseconds(100)) }
    let quick = try NameServer { .answer($0.answer([.a($0.name, "10.0.0.2")])) }
    defer { quick.stop() }
    try lookingUp(at: slow, try NameFiles()) {
      let early = Fiber.spawn { hosts("www.test") }
      try Fiber.sleep(for: .milliseconds(20))
      Hub.current!.resolverConfiguration.nameServers = [quick.address]
      #expect(hosts("www.test") == .success(["10.0.0.2"]))
      let found = try early.value
      #expect(found == .success(["10.0.0.1"]))
    }
  }

  @Test func eachHubHasItsOwn() throws {
    let records = (0..<4).map { NameServer.Record.a("www.test", "10.0.0.\($0)") }
    try inParallel(
      records.map { record in
        {
          let server = try NameServer(NameServer.zone([record]))
          try lookingUp(at: server, try NameFiles()) {
            for _ in 0..<100 {
              Resolver.forgetAnswers()
              #expect(hosts("www.test") == .success([record.data.map { "\($0)" }.joined(separator: ".")]))
            }
          }
        }
      })
  }
}
