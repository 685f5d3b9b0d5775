internal import Green

/// Two fibers that yield in turn, as in ``measureYield(_:)``, while the hub writes a trace, to where nothing is kept.
func measureTraced(_ count: Int) throws {
  try measureWatched(count) { try $0.trace(to: "/dev/null", limit: .max) }
}

/// The same, while the thread is given the name of the fiber that it runs.
func measureLabelled(_ count: Int) throws {
  try measureWatched(count) { $0.labelsThread = true }
}

private func measureWatched(_ count: Int, _ begin: @escaping (Hub) throws -> Void) throws {
  try showNanoseconds(count) {
    if let hub = Hub.current { try begin(hub) }
    let fibers = (0..<2).map { index in
      Fiber.spawn(name: "watched \(index)") { for _ in 0..<count / 2 { Fiber.yield() } }
    }
    for fiber in fibers { try fiber.value }
  }
}

/// A look at each of `count` fibers, of which every second waits for the end of the one before it.
func measureStuck(_ count: Int) throws {
  let looks = 20
  let each = try Hub.run {
    let gate = Event()
    var fibers: [Fiber<Void>] = []
    for _ in 0..<count / 2 {
      let first = Fiber.spawn { try gate.wait() }
      fibers += [first, Fiber.spawn { try first.value }]
    }
    Fiber.yield()
    let each = nanosecondsEach(count * looks) {
      for _ in 0..<looks where Hub.current?.stuckFibers().isEmpty == false { complain("a fiber was taken for stuck") }
    }
    gate.set()
    for fiber in fibers { try fiber.value }
    return each
  }
  show("ns", each)
}
