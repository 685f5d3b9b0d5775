import CaseSupport
import Foundation
import Green
import TestSupport

private let pool = [
  "10.0.0.2", "10.0.0.77", "10.1.0.9", "192.168.5.5", "192.0.2.44", "127.0.0.1", "127.0.0.9", "169.254.7.7", "8.8.8.8",
  "0.0.0.0", "224.0.0.1", "fd00::2", "fd00:0:0:1::5", "fd00::ffff:1", "2001:db8::5", "2001:db8:1::9", "2002:a00:1::1",
  "2001:0:1::1",
  "fe80::5", "::1", "fec0::7", "::ffff:10.0.0.2", "ff02::1", "ff0e::1", "64:ff9b::1", "::10.0.0.2",
]

/// The order of random sets of addresses.
private func compareOrders(seed: UInt64, rounds: Int) throws {
  var state = seed
  func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  var hosts = ""
  for index in 0..<rounds {
    for _ in 0..<(2 + next(5)) { hosts += "\(pool[next(pool.count)]) n\(index).test\n" }
  }
  try Data(hosts.utf8).write(to: URL(fileURLWithPath: "/etc/hosts"))
  forgetFiles()
  var comparison = Comparison()
  comparison.addresses((0..<rounds).map { "n\($0).test" }, ["80"], hints([0, AI_ADDRCONFIG], socketTypes: [0, 1]))
  comparison.addresses([nil], ["80"], hints([0, AI_PASSIVE, AI_ADDRCONFIG, AI_ADDRCONFIG | AI_PASSIVE]))
  comparison.addresses(["localhost", "10.0.0.5", "::5"], ["80"], hints(combinations([AI_ADDRCONFIG, AI_V4MAPPED])))
  try comparison.check(atLeast: rounds)
}

private let networks: [[String]] = [
  [], ["10.0.0.1/24"], ["fd00::1/64"], ["10.0.0.1/24", "fd00::1/64"], ["10.0.0.1/24", "2001:db8::1/64", "fd00::1/48"],
  ["192.168.5.1/16", "10.0.0.1/8", "fe80::1/64", "2002:a00:1::9/16"],
]

let orderCases = [
  Case("the order of addresses, on different networks") {
    for (index, addresses) in networks.enumerated() {
      let world = try World(nsswitch: "hosts: files\n", addresses: addresses)
      do {
        try compareOrders(seed: UInt64(index + 1), rounds: 150)
      } catch {
        throw Failure(description: "with \(addresses): \(error)")
      }
      withExtendedLifetime(world) {}
    }
  },
  Case("the order that gai.conf asks for") {
    let world = try World(
      nsswitch: "hosts: files\n",
      policy: """
        # IPv4 first
        label  ::1/128       0
        label  ::/0          1
        label  2002::/16     2
        label ::/96          3
        label ::ffff:0:0/96  4
        precedence  ::1/128       50
        precedence  ::/0          40
        precedence  2002::/16     30
        precedence ::/96          20
        precedence ::ffff:0:0/96  100
        precedence nonsense/12 1
        scopev4 ::ffff:169.254.0.0/112  2
        scopev4 ::ffff:127.0.0.0/104    2
        scopev4 ::ffff:10.0.0.0/104     5
        scopev4 ::ffff:0.0.0.0/96       14
        """, addresses: networks[4])
    try compareOrders(seed: 99, rounds: 300)
    withExtendedLifetime(world) {}
  },
]
