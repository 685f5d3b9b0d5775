import CaseSupport
import Foundation
import Green
import TestSupport

/// Runs `body` on a plain thread while the hub goes on, and throws what it threw.
func onPlainThread(_ body: @escaping () throws -> Void) throws {
  nonisolated(unsafe) var failure: (any Error)?
  let thread = PlainThread {
    do { try body() } catch { failure = error }
  }
  thread.join()
  if let failure { throw failure }
}

private func descriptors() throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
}

let threadCases = [
  Case("on a plain thread the same is found, with the same deadlines") {
    let world = try World(
      hosts: "10.0.0.50 file.test\n", resolvConf: "nameserver 127.0.0.1\noptions timeout:5\n",
      addresses: ["10.0.0.1/24"])
    let server = try NameServer(port: 53) { query in
      query.name == "silent.test"
        ? .silence : .answer(NameServer.answer(to: query, [.a("dns.test", "10.0.0.60")]), after: .milliseconds(20))
    }
    defer { server.stop() }
    try onPlainThread {
      for (name, address) in ["file.test": "10.0.0.50", "dns.test": "10.0.0.60"] {
        try expectEqual(try Resolver.addresses(of: name, port: 1).map(\.host), [address])
      }
      do {
        _ = try Resolver.addresses(of: "silent.test", port: 1, until: .after(.milliseconds(50)))
        throw Failure(description: "an answer")
      } catch let error as ResolverError {
        try expectEqual(error, .timedOut("silent.test"))
      }
      try expectEqual(try Resolver.names(of: SocketAddress(host: "10.0.0.50", port: 1)!), ["file.test"])
    }
    withExtendedLifetime(world) {}
  },
  Case("the C library asks, on a thread or in place, where that is the method") {
    let world = try World(hosts: "10.0.0.50 file.test\n", addresses: ["10.0.0.1/24"])
    let server = try NameServer(port: 53) {
      $0.name == "other.test"
        ? .silence : .answer(NameServer.answer(to: $0, [.a("dns.test", "10.0.0.60")]), after: .milliseconds(300))
    }
    defer { server.stop() }
    for method in Resolver.Configuration.Method.allCases {
      Hub.current!.resolverConfiguration.method = method
      var turns = 0
      let counting = Fiber.spawn { for _ in 0..<10 { try Fiber.sleep(for: .milliseconds(5)); turns += 1 } }
      try expectEqual(try Resolver.addresses(of: "dns.test", port: 1).map(\.host), ["10.0.0.60"])
      // Others run meanwhile, but for the method that is for finding out whether that is at fault.
      try expect((turns > 0) == (method != .block), "\(method): \(turns)")
      try counting.value
      try expectEqual(try Resolver.name(of: SocketAddress(host: "10.0.0.50", port: 80)!).host, "file.test")
      if method != .block {
        do {
          _ = try Resolver.addresses(of: "other.test", port: 1, until: .after(.milliseconds(5)))
          throw Failure(description: "an answer")
        } catch let error as ResolverError {
          try expectEqual(error, .timedOut("other.test"))
        }
      }
    }
    withExtendedLifetime(world) {}
  },
  Case("a thousand fibers share sixteen threads") {
    let world = try World(hosts: "10.0.0.50 file.test\n", nsswitch: "hosts: unknown files\n")
    try together(
      (0..<1000).map { _ in
        { try expectEqual(try Resolver.addresses(of: "file.test", port: 1).map(\.host), ["10.0.0.50"]) }
      })
    withExtendedLifetime(world) {}
  },
  Case("a forked child asks on sockets of its own") {
    let world = try World(addresses: ["10.0.0.1/24"])
    let server = try NameServer(port: 53) { .answer($0.answer([.a($0.name, "10.0.0.60")]), after: .milliseconds(100)) }
    defer { server.stop() }
    let others = (0..<20).map { index in Fiber.spawn { try Resolver.addresses(of: "n\(index).test", port: 1).count } }
    try Fiber.sleep(for: .milliseconds(30))
    let child = fork()
    if child == 0 {
      let found = (0..<20).map { index in Fiber.spawn { try Resolver.addresses(of: "m\(index).test", port: 1).count } }
      _exit(found.allSatisfy { (try? $0.value) == 1 } ? 7 : 8)
    }
    for fiber in others { try expectEqual(try fiber.value, 1) }
    var status: CInt = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    try expectEqual(status, 7 << 8, "the child's status")
    withExtendedLifetime(world) {}
  },
  Case("a hub that ends with questions under way leaves nothing behind") {
    let world = try World(addresses: ["10.0.0.1/24"])
    let server = try NameServer(port: 53) { _ in .silence }
    defer { server.stop() }
    let before = try descriptors()
    for _ in 0..<5 {
      try onPlainThread {
        try Hub.run {
          let fibers = (0..<50).map { index in
            Fiber.spawn { try Resolver.addresses(of: "n\(index % 30).test", port: 1, until: .after(.milliseconds(20))) }
          }
          for fiber in fibers {
            do {
              _ = try fiber.value
              throw Failure(description: "an answer")
            } catch is ResolverError {}
          }
        }
      }
    }
    try expectEqual(try descriptors(), before, "open descriptors")
    withExtendedLifetime(world) {}
  },
  Case("without a descriptor left the error says so, and the files are not forgotten") {
    let world = try World(hosts: "10.0.0.50 file.test\n", addresses: ["10.0.0.1/24"])
    let server = try NameServer(port: 53, NameServer.zone([.a("dns.test", "10.0.0.60")]))
    defer { server.stop() }
    func found(_ name: String) throws -> [String] { try Resolver.addresses(of: name, port: 1).map(\.host) }
    try expectEqual(try found("file.test"), ["10.0.0.50"])
    let hosts = open("/etc/hosts", O_WRONLY)
    var taken: [CInt] = []
    while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
    // Written through a descriptor of before.
    lseek(hosts, 0, SEEK_SET)
    write(hosts, "10.0.0.51 file.test\n", 20)
    try Fiber.sleep(for: .milliseconds(1100))
    let during = Result { try found("dns.test") }
    let file = Result { try found("file.test") }
    for descriptor in taken + [hosts] { close(descriptor) }
    guard case .failure(let error as ResolverError) = during else { throw Failure(description: "\(during)") }
    try expect(error.code == EAI_SYSTEM && "\(error)".contains("open files"), "\(error)")
    try expectEqual(try file.get(), ["10.0.0.50"])
    try expectEqual(try found("dns.test"), ["10.0.0.60"])
    try Fiber.sleep(for: .milliseconds(1100))
    try expectEqual(try found("file.test"), ["10.0.0.51"])
  },
  Case("how long 1,000 names take", isHidden: true) {
    let world = try World(addresses: ["10.0.0.1/24", "fd00::1/64"])
    let server = try NameServer(port: 53) { query in
      let answer = query.type == 1 ? NameServer.Record.a(query.name, "10.0.0.9") : .aaaa(query.name, "fd00::9")
      return .answer(query.answer([answer]), after: .milliseconds(100))
    }
    defer { server.stop() }
    for (what, family) in [("A", AF_INET), ("A and AAAA", AF_UNSPEC), ("A", AF_INET), ("A and AAAA", AF_UNSPEC)] {
      Resolver.forgetAnswers()
      let hints = AddressHints(family: family, socketType: 1)
      let elapsed = try CaseSupport.seconds {
        let fibers = (0..<1000).map { index in
          Fiber.spawn { try Resolver.addressInfo(host: "n\(index).test", service: nil, hints: hints) }
        }
        for fiber in fibers { try expect(try fiber.value.count > 0, "none") }
      }
      print("1,000 names, \(what), answers after 100 ms: \(Int(elapsed * 1000)) ms")
    }
    withExtendedLifetime(world) {}
  },
]
