internal import Green

/// A fiber spawned on the hub of another thread, and its result waited for: there and back.
func measureRemoteSpawn(_ count: Int) throws {
  try showNanoseconds(count) {
    let hubs = try HubPool(threads: 1)
    var sum = 0
    for number in 0..<count { sum += try hubs.spawn { number }.value }
    if sum != count * (count - 1) / 2 { complain("a result was lost") }
    hubs.stop()
    try hubs.join()
  }
}

/// Values that a fiber of one hub sends to one of another, on another thread, unbuffered or with room for so many.
func measureChannelAcross(capacity: Int) -> (_ count: Int) throws -> Void {
  { count in
    try showNanoseconds(count) {
      let hubs = try HubPool(threads: 1)
      let channel = Channel<Int>(capacity: capacity)
      let sender = hubs.spawn { for number in 0..<count { try channel.send(number) } }
      var sum = 0
      for _ in 0..<count { sum += try channel.receive() ?? 0 }
      try sender.value
      if sum != count * (count - 1) / 2 { complain("a value was lost") }
      hubs.stop()
      try hubs.join()
    }
  }
}
