internal import Green

/// A fiber spawned, run and joined, one after another: after the first its stack comes from the pool.
func measureSpawn(_ count: Int) throws {
  let each = try Hub.run {
    var sum = 0
    let each = try nanosecondsEach(count) {
      for number in 0..<count { sum &+= try Fiber.spawn { number }.value }
    }
    precondition(sum == count * (count - 1) / 2)
    return each
  }
  show("ns", each)
}
