import CaseSupport
import Glibc
import Green
import SystemPackage
import TestSupport

// Connecting by name where the answer for one family is late: RFC 8305 section 3. The C library waits for both.

private let ipv4 = "10.0.0.1"
private let ipv6 = "fd00::1"

/// What a name server says to the questions for one name's two kinds of addresses.
private struct Plan {
  var four: Answer
  var six: Answer

  enum Answer {
    case address(after: Duration = .zero)
    case none(after: Duration = .zero)
    case broken(after: Duration = .zero)
    case never
  }

  @Sendable
  func react(_ query: NameServer.Query) -> NameServer.Reaction {
    let isFour = query.type == 1
    switch isFour ? four : six {
    case .address(let delay):
      return .answer(
        query.answer([isFour ? .a(query.name, ipv4) : .aaaa(query.name, ipv6)]), after: delay)
    case .none(let delay): return .answer(query.answer(), after: delay)
    case .broken(let delay): return .answer(query.answer(code: 2), after: delay)
    case .never: return .silence
    }
  }
}

/// Calls `body` with a port on which the hosts that are named listen, and where a server that never says anything is
/// waited for far longer than a connection may take.
private func planned(_ plan: Plan, listening: [String] = [ipv4, ipv6], _ body: (UInt16) throws -> Void) throws {
  let world = try World(
    resolvConf: "nameserver 127.0.0.1\noptions timeout:20 attempts:2\n", addresses: [ipv4 + "/24", ipv6 + "/64"])
  let server = try NameServer(port: 53, plan.react)
  defer { server.stop() }
  let any = try Listener.bind(SocketAddress(host: ipv4, port: 0)!)
  let port = any.address!.port!
  any.close()
  let listeners = try listening.map { try Listener.bind(SocketAddress(host: $0, port: port)!) }
  try body(port)
  for listener in listeners { listener.close() }
  withExtendedLifetime(world) {}
}

/// The address that a connection was made to, which must take less than a server that says nothing is given.
private func reached(_ port: UInt16, until deadline: Deadline = .never) throws -> String {
  let latest = Deadline.after(.seconds(15))
  let socket = try Socket.connect(host: "both.test", port: port, until: deadline)
  defer { socket.close() }
  try expect(!latest.hasPassed, "it waited for the name server")
  return socket.peer!.host
}

private func failure(_ body: () throws -> Void) -> (any Error)? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}

let arrivalCases = [
  Case("IPv4 addresses are connected to where the question for IPv6 ones is never answered") {
    try planned(Plan(four: .address(), six: .never)) { port in
      for _ in 0..<3 { try expectEqual(try reached(port), ipv4) }
      try onPlainThread { try expectEqual(try reached(port), ipv4) }
    }
  },
  Case("IPv6 addresses are connected to where the question for IPv4 ones is never answered") {
    try planned(Plan(four: .never, six: .address())) { port in
      try expectEqual(try reached(port), ipv6)
      try onPlainThread { try expectEqual(try reached(port), ipv6) }
    }
  },
  Case("IPv4 addresses wait a moment for IPv6 ones, which are preferred") {
    try planned(Plan(four: .address(), six: .address(after: .milliseconds(10)))) { port in
      // Of several: on a busy machine an answer may be later than its server wanted.
      let all = try (0..<10).map { _ in
        Resolver.forgetAnswers()
        return try reached(port)
      }
      try expect(all.contains(ipv6), "\(all)")
    }
  },
  Case("an answer without addresses, or an error, for one family leaves the other") {
    for other in [Plan.Answer.none(), .broken(), .none(after: .milliseconds(100)), .broken(after: .milliseconds(100))] {
      try planned(Plan(four: .address(), six: other)) { try expectEqual(try reached($0), ipv4) }
      try planned(Plan(four: other, six: .address())) { try expectEqual(try reached($0), ipv6) }
    }
  },
  Case("addresses that come later take part in the race") {
    let late = Plan.Answer.address(after: .milliseconds(300))
    // The first address refuses: nothing is left to try until the others come.
    try planned(Plan(four: .address(), six: late), listening: [ipv6]) { port in
      try expectEqual(try reached(port), ipv6)
      Resolver.forgetAnswers()
      try onPlainThread { try expectEqual(try reached(port), ipv6) }
    }
    try planned(Plan(four: late, six: .address()), listening: [ipv4]) { try expectEqual(try reached($0), ipv4) }
    // The first address does not say anything: the others come while it is waited for.
    try planned(Plan(four: .address(), six: late), listening: [ipv6]) { port in
      let silent = try Listener.bind(SocketAddress(host: ipv4, port: port)!, backlog: 0)
      let filling = try Socket.connect(to: silent.address!)
      try expectEqual(try reached(port), ipv6)
      Resolver.forgetAnswers()
      try onPlainThread { try expectEqual(try reached(port), ipv6) }
      filling.close()
      silent.close()
    }
  },
  Case("the error of a race names every address, of both answers") {
    try planned(Plan(four: .address(), six: .address(after: .milliseconds(200))), listening: []) { port in
      let error = failure { _ = try reached(port) } as? ConnectError
      // In whatever order: on a machine that stands still for as long, both answers are there at once.
      try expectEqual((error?.attempts.map(\.address.host) ?? []).sorted(), [ipv4, ipv6].sorted())
      try expectEqual(error?.isTimedOut, false)
    }
    // Nobody listens, and the name server leaves it open whether there are more: the caller's deadline ends it.
    try planned(Plan(four: .address(), six: .never), listening: []) { port in
      // On a busy machine even the answer may come later than that.
      var error: ConnectError?
      for time in [Duration.milliseconds(500), .seconds(5)] where error == nil {
        error = failure { _ = try reached(port, until: .after(time)) } as? ConnectError
      }
      try expectEqual(error?.attempts.map(\.address.host) ?? [], [ipv4])
      try expectEqual(error?.isTimedOut, true)
    }
  },
  Case("without any answer, connecting ends at its deadline or when it is cancelled") {
    try planned(Plan(four: .never, six: .never)) { port in
      let error = failure { _ = try reached(port, until: .after(.milliseconds(200))) }
      try expectEqual(error as? ResolverError, .timedOut("both.test"))
      try onPlainThread {
        let error = failure { _ = try reached(port, until: .after(.milliseconds(200))) }
        try expectEqual(error as? ResolverError, .timedOut("both.test"))
      }
    }
    // What comes after the end finds nobody.
    for plan in [
      Plan(four: .address(after: .milliseconds(100)), six: .address(after: .milliseconds(150))),
      Plan(four: .address(), six: .address(after: .milliseconds(100))),
    ] {
      try planned(plan, listening: []) { port in
        var (tries, isCancelled, isInTime) = (0, false, false)
        // On a busy machine it may be over before it is cancelled.
        repeat {
          Resolver.forgetAnswers()
          let answers = Deadline.after(.milliseconds(100))
          let fiber = Fiber.spawn { try reached(port) }
          try Fiber.sleep(for: .milliseconds(60))
          fiber.cancel()
          isInTime = !answers.hasPassed
          isCancelled = failure { _ = try fiber.value } is CancellationError
          tries += 1
        } while !isCancelled && !isInTime && tries < 10
        try expect(isCancelled, "it ended otherwise")
        try Fiber.sleep(for: .milliseconds(300))
      }
    }
  },
  Case("many fibers connect by one name while half of its answer is late") {
    try planned(Plan(four: .address(), six: .address(after: .seconds(10)))) { port in
      let fibers = (0..<50).map { _ in Fiber.spawn { try reached(port) } }
      for fiber in fibers { try expectEqual(try fiber.value, ipv4) }
    }
  },
  Case("a whole list waits for both families, as the C library's does") {
    try planned(Plan(four: .address(), six: .address(after: .milliseconds(400)))) { port in
      try expectEqual(try Resolver.addresses(of: "both.test", port: port).map(\.host), [ipv6, ipv4])
    }
  },
]
