import CaseSupport
import Foundation
import Green
import TestSupport

private typealias Record = NameServer.Record

private let zone: [Record] = [
  .a("four.example.test", "10.0.0.4"), .aaaa("six.example.test", "2001:db8::6"),
  .a("both.example.test", "10.0.0.3"), .aaaa("both.example.test", "2001:db8::3"), .aaaa("both.example.test", "fd00::3"),
  .a("many.example.test", "10.0.0.9"), .a("many.example.test", "192.0.2.1"), .a("many.example.test", "10.0.0.2"),
  .a("many.example.test", "127.0.0.3"), .a("many.example.test", "169.254.1.1"),
  .cname("alias.example.test", "Both.Example.test"), .cname("chain.example.test", "alias.example.test"),
  .cname("dangling.example.test", "nowhere.example.test"), .txt("text.example.test", ["x"]),
  .a("deep.name.example.test", "10.0.0.20"), .a("bare", "10.0.0.21"), .a("other.second.test", "10.0.0.22"),
  .a("both.second.test", "10.0.0.23"), .a("under_score.example.test", "10.0.0.24"),
  .ptr("4.0.0.10.in-addr.arpa", "four.example.test"), .ptr("9.0.0.10.in-addr.arpa", "$(evil).test"),
  .ptr("3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "both.example.test"),
]

private let names: [String?] = [
  "four.example.test", "six.example.test", "both.example.test", "BOTH.example.TEST", "many.example.test",
  "alias.example.test", "chain.example.test", "dangling.example.test", "text.example.test", "none.example.test",
  "four", "both", "alias", "deep.name", "bare", "bare.", "other", "four.example.test.", "four.", "under_score",
  "example.test",
  "-four.example.test", "a..b", "fo ur.example.test", String(repeating: "x", count: 64) + ".test",
  String(repeating: "x.", count: 130) + "test", "halfbroken.example.test",
]
private let failing: [String?] = ["broken.example.test", "refused.example.test", "notimplemented.example.test"]

/// The zone, and some names that a server fails on.
@Sendable
private func react(_ query: NameServer.Query) -> NameServer.Reaction {
  switch query.name {
  case "broken.example.test": .answer(query.answer(code: 2))
  case "refused.example.test": .answer(query.answer(code: 5))
  case "notimplemented.example.test": .answer(query.answer(code: 4))
  case "halfbroken.example.test":
    .answer(query.type == 1 ? query.answer([.a(query.name, "10.0.0.30")]) : query.answer(code: 2))
  default: .answer(NameServer.answer(to: query, zone))
  }
}

/// - Parameter failingFamilies: with a search list, the C library calls a name unknown whose server fails, where only
///   IPv4 addresses were asked for; the resolver says that it failed, as both do of other families.
private func compare(
  _ names: [String?], families: [CInt] = families, failingFamilies: [CInt] = families, minimum: Int
) throws {
  var comparison = Comparison()
  comparison.addresses(failing, ["80"], hints([0, AI_CANONNAME, AI_V4MAPPED], families: failingFamilies))
  comparison.addresses(names, ["80"], hints(combinations([AI_CANONNAME, AI_V4MAPPED, AI_ALL]), families: families))
  comparison.addresses(
    ["both.example.test", "many.example.test"], [nil, "http"], hints([0], socketTypes: [0, 1, 2, 3]))
  try comparison.check(atLeast: minimum)
}

let serverCases = [
  Case("names in the DNS") {
    let world = try World(addresses: ["10.0.0.1/24", "fd00::1/64"])
    let server = try NameServer(port: 53, react)
    defer { server.stop() }
    try compare(names, minimum: 500)
    withExtendedLifetime(world) {}
  },
  Case("search lists") {
    let list = "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n"
    for more in [
      "search example.test second.test\n", "domain second.test\n", "search example.test second.test\noptions ndots:2\n",
      "search . example.test\n", "search second.test broken.example.test example.test\noptions ndots:5\n",
      "search example.test\noptions no-tld-query\n", "search example.test\noptions no-aaaa\n",
      "search example.test\noptions rotate edns0 ndots:0\n", "  search example.test\n",
      "search\n# search example.test\n",
    ] {
      let world = try World(resolvConf: list + more, addresses: ["10.0.0.1/24", "fd00::1/64"])
      let server = try NameServer(port: 53, react)
      defer { server.stop() }
      do {
        // Asked for IPv6 addresses alone where "no-aaaa" forbids the question, the two may differ in why there are none.
        let isWithoutIPv6 = more.contains("no-aaaa")
        try compare(
          names, families: isWithoutIPv6 ? [AF_UNSPEC, AF_INET] : families, failingFamilies: [AF_UNSPEC, AF_INET6],
          minimum: 400)
      } catch {
        throw Failure(description: "with \(more)\(error)")
      }
      withExtendedLifetime(world) {}
    }
  },
  Case("names at dnsmasq") {
    let world = try World(
      resolvConf: "nameserver 127.0.0.1\nsearch example.test\noptions timeout:5 attempts:1\n",
      addresses: ["10.0.0.1/24", "fd00::1/64"])
    let arguments =
      [
        "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        "--local=/test/", "--pid-file", "--listen-address=127.0.0.1", "--bind-interfaces",
      ]
      + [
        "four.example.test,10.0.0.4", "six.example.test,2001:db8::6", "both.example.test,10.0.0.3,2001:db8::3",
      ].map { "--host-record=\($0)" } + [
        "--cname=alias.example.test,both.example.test", "--txt-record=text.example.test,x",
      ]
    let process = try start("/usr/sbin/dnsmasq", arguments)
    defer {
      // SIGTERM may be blocked in whoever started this program, and then is in dnsmasq.
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    // It answers before long.
    let end = Deadline.after(.seconds(30))
    var isThere = false
    while !isThere && !end.hasPassed {
      try Fiber.sleep(for: .milliseconds(20))
      isThere = (try? Resolver.addresses(of: "four.example.test", port: 1)) != nil
    }
    try expect(isThere, "dnsmasq does not answer")
    try compare(
      [
        "four.example.test", "six.example.test", "both.example.test", "alias.example.test", "text.example.test",
        "none.example.test", "four", "both", "alias", "none",
      ],
      minimum: 200)
    withExtendedLifetime(world) {}
  },
  Case("no name server at all") {
    let world = try World(addresses: ["10.0.0.1/24", "fd00::1/64"])
    var comparison = Comparison()
    comparison.addresses(["www.test", "localhost", "www"], ["80"], hints([0, AI_CANONNAME, AI_V4MAPPED | AI_ALL]))
    try comparison.check(atLeast: 27)
    withExtendedLifetime(world) {}
  },
]
