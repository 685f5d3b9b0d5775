import CaseSupport
import Glibc
import Green
import TestSupport

let nameCases = [
  Case("names of addresses and ports") {
    let world = try World(
      hosts:
        "127.0.0.1 localhost\n10.0.0.50 file.test alias.test\n2001:db8::50 six.test\n::ffff:10.0.0.51 mapped.test\n10.0.0.52 host.localdomain\n",
      addresses: ["10.0.0.1/24", "fd00::1/64"])
    let server = try NameServer(
      port: 53,
      NameServer.zone([
        .ptr("60.0.0.10.in-addr.arpa", "dns.test"), .ptr("61.0.0.10.in-addr.arpa", "bad name.test"),
        .cname("62.0.0.10.in-addr.arpa", "62.sub.0.0.10.in-addr.arpa"),
        .ptr("62.sub.0.0.10.in-addr.arpa", "classless.test"),
        .ptr("0.6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "six-dns.test"),
      ]))
    defer { server.stop() }
    var comparison = Comparison()
    let addresses = [
      "127.0.0.1", "::1", "10.0.0.50", "2001:db8::50", "::ffff:10.0.0.51", "::ffff:10.0.0.50", "10.0.0.51", "10.0.0.60",
      "::ffff:10.0.0.60",
      "10.0.0.61", "10.0.0.62", "10.0.0.63", "2001:db8::60", "2001:db8::61", "fe80::1%1", "ff02::1%1", "0.0.0.0", "::",
      "10.0.0.52",
    ]
    let flags = combinations([NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD, NI_DGRAM, NI_NOFQDN])
    for host in addresses {
      for flags in flags {
        for port: UInt16 in [0, 80, 53, 69, 65535] { comparison.name(SocketAddress(host: host, port: port)!, flags) }
      }
    }
    comparison.name(SocketAddress(host: "127.0.0.1", port: 80)!, 1 << 20)
    comparison.name(SocketAddress(unixPath: "/tmp/x")!, 0)
    try comparison.check(atLeast: 1000)
    withExtendedLifetime(world) {}
  }
]
