import CaseSupport
import Foundation
import Green
import TestSupport

private let hostsFile = "127.0.0.1 localhost\n10.0.0.50 file.test shared.test\n"
private let records: [NameServer.Record] = [.a("dns.test", "10.0.0.60"), .a("shared.test", "10.0.0.61")]

/// The C library has the module, in the place where Debian has it.
private func has(_ module: String) -> Bool {
  let folders =
    ["/usr/lib", "/lib"] + ["x86_64", "aarch64"].flatMap { ["/usr/lib/\($0)-linux-gnu", "/lib/\($0)-linux-gnu"] }
  return folders.contains { FileManager.default.fileExists(atPath: "\($0)/libnss_\(module).so.2") }
}

let sourceCases = [
  Case("the sources of nsswitch.conf, in their order") {
    for line in [
      "files dns", "dns files", "files", "dns", "dns [NOTFOUND=return] files", "files [NOTFOUND=return] dns",
      "dns [!UNAVAIL=return] files", "files [SUCCESS=continue] dns", "files [!SUCCESS=return] dns",
      "dns [UNAVAIL=return] files", "files\tdns", "files[NOTFOUND=return]dns", "files [notfound=RETURN] dns",
      "nothing-known files dns", "files nothing-known dns",
    ] {
      let world = try World(hosts: hostsFile, nsswitch: "passwd: files\nhosts: \(line)\n", addresses: ["10.0.0.1/24"])
      let server = try NameServer(port: 53) { query in
        query.name == "broken.test" ? .answer(query.answer(code: 2)) : .answer(NameServer.answer(to: query, records))
      }
      defer { server.stop() }
      var comparison = Comparison()
      comparison.addresses(
        ["file.test", "dns.test", "shared.test", "none.test", "broken.test", "localhost"], [nil],
        hints([0, AI_CANONNAME, AI_V4MAPPED]))
      for host in ["10.0.0.50", "10.0.0.60", "10.0.0.70"] { comparison.name(SocketAddress(host: host, port: 80)!, 0) }
      do {
        try comparison.check(atLeast: 50)
      } catch {
        throw Failure(description: "with \(line): \(error)")
      }
      withExtendedLifetime(world) {}
    }
  },
  Case("no nsswitch.conf, and none for hosts") {
    for text in ["", "passwd: files\n"] {
      let world = try World(hosts: hostsFile, nsswitch: text, addresses: ["10.0.0.1/24"])
      let server = try NameServer(port: 53, NameServer.zone(records))
      defer { server.stop() }
      var comparison = Comparison()
      comparison.addresses(["file.test", "dns.test", "shared.test", "none.test"], [nil], hints([0, AI_CANONNAME]))
      try comparison.check(atLeast: 24)
      withExtendedLifetime(world) {}
    }
  },
  Case("the machine's own name") {
    guard has("myhostname") else { return }
    for (line, addresses) in [
      ("files myhostname", ["10.0.0.1/24", "10.1.0.1/24", "fd00::1/64"]), ("myhostname files dns", []),
      ("files myhostname", ["fd00::1/64"]), ("files dns myhostname", ["10.0.0.1/24"]),
    ] {
      let world = try World(
        hosts: "10.0.0.50 file.test\n", nsswitch: "hosts: \(line)\n", addresses: addresses)
      let server = try NameServer(at: "127.0.0.1", port: 53, NameServer.zone(records))
      defer { server.stop() }
      var name = [CChar](repeating: 0, count: 256)
      gethostname(&name, 255)
      let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      var comparison = Comparison()
      comparison.addresses(
        [
          host, host.uppercased(), host + ".", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain",
          "a.localhost", "a.localhost.localdomain.", "alocalhost", "_gateway", "none.test", "file.test",
        ],
        ["80"], hints(combinations([AI_CANONNAME, AI_V4MAPPED, AI_ALL])))
      for address in ["127.0.0.1", "::1", "127.0.0.2", "10.0.0.1", "fd00::1", "10.0.0.50", "10.9.9.9"] {
        comparison.name(SocketAddress(host: address, port: 80)!, 0)
      }
      do {
        try comparison.check(atLeast: 200)
      } catch {
        throw Failure(description: "with \(line), \(addresses): \(error)")
      }
      withExtendedLifetime(world) {}
    }
  },
]
