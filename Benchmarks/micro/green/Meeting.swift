internal import Green

/// Two fibers that meet at a barrier, round after round: a round of both.
func measureBarrier(_ count: Int) throws {
  try showNanoseconds(count) {
    let barrier = Barrier(2)
    let fibers = (0..<2).map { _ in Fiber.spawn { for _ in 0..<count { try barrier.wait() } } }
    for fiber in fibers { try fiber.value }
  }
}

/// A latch made, counted down by a fiber and waited for.
func measureLatch(_ count: Int) throws {
  try showNanoseconds(count) {
    let latches = Channel<Latch>()
    let counting = Fiber.spawn { for latch in latches { latch.countDown() } }
    for _ in 0..<count {
      let latch = Latch(1)
      try latches.send(latch)
      try latch.wait()
    }
    latches.close()
    try counting.value
  }
}

/// Three permits taken and given back at once, by two fibers that have to wait for each other.
func measurePermits(_ count: Int) throws {
  try showNanoseconds(count) {
    let semaphore = Semaphore(4, limit: 4)
    let fibers = (0..<2).map { _ in
      Fiber.spawn {
        for _ in 0..<count / 2 {
          try semaphore.acquire(3)
          Fiber.yield()
          semaphore.release(3)
        }
      }
    }
    for fiber in fibers { try fiber.value }
  }
}
