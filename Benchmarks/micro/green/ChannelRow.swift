internal import Green

/// Values handed over between two fibers through a channel, unbuffered or with room for so many.
func measureChannel(capacity: Int) -> (_ count: Int) throws -> Void {
  { count in
    let each = try Hub.run {
      let channel = Channel<Int>(capacity: capacity)
      return try nanosecondsEach(count) {
        let sender = Fiber.spawn { for number in 0..<count { try channel.send(number) } }
        let receiver = Fiber.spawn {
          var sum = 0
          for _ in 0..<count { sum += try channel.receive() ?? 0 }
          return sum
        }
        try sender.value
        if try receiver.value != count * (count - 1) / 2 { complain("a value was lost") }
      }
    }
    show("ns", each)
  }
}
