internal import Green

/// Two fibers that yield in turn: each switch goes through the ready queue. `count` switches in all.
func measureYield(_ count: Int) throws {
  let each = try Hub.run {
    try nanosecondsEach(count) {
      let fibers = (0..<2).map { _ in
        Fiber.spawn { for _ in 0..<count / 2 { Fiber.yield() } }
      }
      for fiber in fibers { try fiber.value }
    }
  }
  show("ns", each)
}
