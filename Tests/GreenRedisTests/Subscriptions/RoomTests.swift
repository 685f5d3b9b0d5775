import DataServers
import Green
import GreenRedis
import GreenWeb
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct RoomTests {
  @Test func membersHearWhatIsSaidInTheirRoom() throws {
    try withRedis { redis, prefix in
      // Two workers, and one alone.
      let workers = (0..<2).map { _ in Rooms(over: RedisRelay(redis, prefix: prefix)) }
      for rooms in [workers, [Rooms(), Rooms()]] {
        let (here, there) = (rooms[0], rooms.count > 1 && workers[0] === rooms[0] ? rooms[1] : rooms[0])
        let members = try [here.join("a"), there.join("a"), here.join("b")]
        try here.broadcast("one", to: "a")
        try there.broadcast([0, 13, 10, 255], to: "a")
        try here.broadcast("nobody", to: "c")
        for member in members.prefix(2) {
          let first = try member.next(until: .after(.seconds(60)))
          #expect(first?.text == "one")
          let second = try member.next(until: .after(.seconds(60)))
          #expect(second?.bytes == [0, 13, 10, 255])
        }
        #expect(throws: Errno.timedOut) { try members[2].next(until: .after(.milliseconds(20))) }
        for member in members { member.leave() }
        let after = try members[0].next()
        #expect(after == nil && here.count(of: "a") == 0)
      }
    }
  }

  @Test func comingAndGoingLosesNothing() throws {
    try withRedis { redis, prefix in
      let rooms = Rooms(over: RedisRelay(redis, prefix: prefix))
      let fibers = (0..<20).map { number in
        Fiber.spawn {
          for round in 0..<10 {
            let member = try rooms.join("a")
            defer { member.leave() }
            let mine = "\(number) \(round)"
            try rooms.broadcast(mine, to: "a")
            while try member.next(until: .after(.seconds(60)))?.text != mine {}
          }
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(rooms.count(of: "a") == 0)
    }
  }

  @Test func oneThatIsTooSlowIsPutOut() throws {
    try onHub {
      let rooms = Rooms(limit: 10)
      let (slow, quick) = (try rooms.join("a"), try rooms.join("a"))
      for number in 0..<20 {
        try rooms.broadcast("\(number)", to: "a")
        let message = try quick.next()
        #expect(message?.text == "\(number)")
      }
      for number in 0..<10 {
        let message = try slow.next()
        #expect(message?.text == "\(number)")
      }
      #expect(throws: RoomError.tooSlow("a")) { try slow.next() }
      #expect(rooms.count(of: "a") == 1)
    }
  }
}
