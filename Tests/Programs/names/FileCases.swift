import CaseSupport
import Glibc
import Green
import TestSupport

let fileCases = [
  Case("numbers, no host, and services") {
    let world = try World(addresses: ["10.0.0.1/24", "fd00::1/64"])
    let server = try NameServer(port: 53, NameServer.zone([]))
    defer { server.stop() }
    var comparison = Comparison()
    let flags = combinations([AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV, AI_V4MAPPED, AI_ALL])
    let numbers: [String?] = [
      nil, "*", "127.0.0.1", "127.1", "0x7f000001", "017700000001", "1.2.3.4.5", "256.0.0.1", "::1", "::", "0.0.0.0",
      "::ffff:10.0.0.1", "fe80::1%lo", "fe80::1%1", "fe80::1%none", "fe80::1%99", "ff02::1%lo", "2001:db8::1%lo",
      "2001:db8::1%7",
      "2001:db8::1", "1:2:3", ":::", "10.0.0.1 ", "1.2.3", "0", "4294967295", "4294967296", "::1%lo", "fe80::1%",
    ]
    comparison.addresses(numbers, ["80"], hints(flags))
    comparison.addresses(
      ["127.0.0.1", "::1", nil],
      [
        nil, "", "*", "0", "80", "65535", "http", "domain", "ssh", "no-such-service", "-1", "+80", " 80", "80x", "HTTP",
        "www", "snmp", "tftp",
      ],
      hints(
        [0, AI_PASSIVE, AI_NUMERICSERV], socketTypes: [0, 1, 2, 3, 5, 6, 99],
        protocols: [0, 6, 17, 132, 136, 33, 1, 255]))
    comparison.addresses(
      ["127.0.0.1"], ["80"], [AddressHints(flags: 1 << 20), AddressHints(family: AF_UNIX), AddressHints(family: 77)])
    comparison.addresses([nil], [nil, "80"], hints([0, AI_CANONNAME]))
    try comparison.check(atLeast: 5000)
    withExtendedLifetime(world) {}
  },
  Case("the hosts file") {
    let hosts = """
      127.0.0.1 localhost
      ::1 localhost ip6-localhost
      # a comment
      10.0.0.5  one.test one   # and another
      10.0.0.6\tone.test uno
      2001:db8::5 one.test
      10.0.0.7 two.test One
      ::ffff:10.0.0.9 mapped.test
      2001:db8::9 six.test
      10.0.0.8 four.test
        10.0.0.10   indented.test
      not-an-address x.test
      10.0.0.11
      fe80::1%lo scoped.test
      10.0.0.300 wrong.test
      10.0.0.12 twice.test twice.test
      10.0.0.13 UPPER.test
      10.0.0.14 last.test
      """
    for multi in ["multi on\n", "multi off\n"] {
      let world = try World(hosts: hosts, nsswitch: "hosts: files\n", hostConf: multi, addresses: ["10.0.0.1/24"])
      // The C library reads host.conf once.
      if multi == "multi on\n" {
        var comparison = Comparison()
        let names: [String?] = [
          "localhost", "ip6-localhost", "one.test", "one", "ONE.TEST", "uno", "two.test", "mapped.test", "six.test",
          "four.test", "indented.test", "x.test", "scoped.test", "wrong.test", "twice.test", "upper.test", "last.test",
          "none.test", "localhost.", "one.test.", "10.0.0.5x",
        ]
        comparison.addresses(
          names, [nil, "http"], hints(combinations([AI_CANONNAME, AI_V4MAPPED, AI_ALL]), socketTypes: [0, 1]))
        try comparison.check(atLeast: 1000)
      }
      withExtendedLifetime(world) {}
    }
  },
  Case("the hosts file where only the first line counts") {
    let world = try World(
      hosts: "10.0.0.5 one.test\n10.0.0.6 one.test\n2001:db8::5 one.test\n", nsswitch: "hosts: files\n", hostConf: "")
    var comparison = Comparison()
    comparison.addresses(["one.test"], [nil], hints(combinations([AI_CANONNAME, AI_V4MAPPED, AI_ALL])))
    try comparison.check(atLeast: 24)
    withExtendedLifetime(world) {}
  },
  Case("a hosts file that changes is read again") {
    let world = try World(hosts: "10.0.0.5 one.test\n", nsswitch: "hosts: files\n")
    let hints = AddressHints(family: AF_INET, socketType: 1)
    try expectEqual(
      try Resolver.addressInfo(host: "one.test", service: nil, hints: hints).map(\.address.host), ["10.0.0.5"])
    try world.write("hosts", "10.0.0.6 one.test\n")
    try Fiber.sleep(for: .milliseconds(1100))
    try expectEqual(
      try Resolver.addressInfo(host: "one.test", service: nil, hints: hints).map(\.address.host), ["10.0.0.6"])
  },
]
