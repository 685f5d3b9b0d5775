internal import Green

/// Names looked up at once, each by a fiber of its own.
func lookUpNames(_ count: Int) throws {
  try Hub.run {
    var answered = 0
    let start = Deadline.now
    let fibers = (0..<count).map { number in
      Fiber.spawn {
        let addresses = try Resolver.addresses(
          of: "host\(number).bench.test", port: 80, until: start.advanced(by: .seconds(30)))
        if !addresses.isEmpty { answered += 1 }
      }
    }
    for fiber in fibers { try fiber.value }
    show("ms", Double(Deadline.now.nanoseconds - start.nanoseconds) * 1e-6)
    show("answered", answered)
  }
}
