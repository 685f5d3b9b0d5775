import Foundation
import Green
import SuiteSupport
import TestSupport
import Testing

/// Clients that hold every place of a worker and send nothing, or half a head: others are served all the same.
@Suite(.serialized, .bounded) struct FullWorkerTests {
  private static let classes = [
    ["-k", "sync"], ["-k", "green", "--worker-connections", "4"], ["-k", "thread", "--threads", "4"],
  ]
  private static let half = "GET /pid HTTP/1.1\r\nHo"

  @Test(arguments: classes, ["", half])
  func aNewRequestIsServedWhileEveryPlaceIsHeld(_ arguments: [String], _ sent: String) throws {
    let server = try Server(arguments)
    for _ in 0..<3 {
      let time = try quickest(below: 5) {
        let holders = try (0..<4).map { _ in
          let client = try Client(port: server.port)
          try client.send(Array(sent.utf8))
          return client
        }
        usleep(100_000)
        let time = try seconds { () throws in #expect(try get(server.port, "/pid").status == 200, "\(server.log)") }
        #expect(holders.count == 4)
        return time
      }
      print("\(arguments.joined(separator: " ")), \(sent.isEmpty ? "silent" : "half a head"): \(time) s")
      // A head may take 10 s where nobody waits for its place.
      #expect(time < 5)
    }
    #expect(server.stop() == 0)
  }

  @Test(arguments: classes.dropFirst())
  func theSlowestHeadIsAnsweredWhenTheWorkerIsFull(_ arguments: [String]) throws {
    let server = try Server(arguments)
    // Where the worker itself is stopped for a moment, more than one is too slow.
    let isFastestThere = try passesOnce {
      let slow = try (0..<4).map { _ in
        let client = try Client(port: server.port)
        try client.send(Array(Self.half.utf8))
        // Each is slower than the next by more than a worker needs to notice.
        usleep(150_000)
        return client
      }
      #expect(try get(server.port, "/pid").status == 200)
      let answer = try slow[0].receive()
      #expect(answer.status == 408 && answer.closes)
      return (try? slow[3].exchange("st: x\r\n\r\n"))?.status == 200
    }
    #expect(isFastestThere)
    #expect(server.stop() == 0)
  }

  @Test func aSyncWorkerServesTheFirstWhoseHeadIsWhole() throws {
    let server = try Server(["-k", "sync"])
    func halves(_ count: Int) throws -> [Client] {
      try (0..<count).map { _ in
        let client = try Client(port: server.port)
        try client.send(Array(Self.half.utf8))
        return client
      }
    }
    // A head has ten seconds.
    let areServed = try holds(within: 10) {
      try halves(20).reversed().allSatisfy { try $0.exchange("st: x\r\n\r\n").status == 200 }
    }
    #expect(areServed)
    // One that does not come at all is answered in the end.
    let late = try Client(port: server.port)
    try late.send(Array(Self.half.utf8))
    #expect(try late.receive().status == 408)
    #expect(server.logged("the head of the request did not arrive in time"), "\(server.log)")
    // More than can wait: those that have waited for longest make room.
    let makeRoom = try holds(within: 10) {
      let many = try halves(130)
      #expect(try get(server.port, "/pid").status == 200)
      #expect(try many[0].receive().status == 408)
      return try many[129].exchange("st: x\r\n\r\n").status == 200
    }
    #expect(makeRoom)
    #expect(server.stop() == 0)
  }

  /// The beginning of a handshake, and no more of it, or a byte now and then.
  @Test(arguments: [false, true])
  func aHandshakeThatStopsHalfwayDoesNotHoldASyncWorker(_ goesOn: Bool) throws {
    let certificates = try Certificates()
    let server = try secureServer(["-k", "sync"], certificates)
    let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 7, count: 40)
    let time = try quickest(below: 8) {
      let holders = try (0..<3).map { _ in
        let client = try Client(port: server.port)
        try client.send(hello)
        return client
      }
      let isOver = Mutex(false)
      defer { isOver.withLock { $0 = true } }
      // Unsafe: that thread alone uses them from now on.
      nonisolated(unsafe) let held = holders
      if goesOn {
        Thread.detachNewThread {
          while !isOver.withLock({ $0 }) {
            for holder in held { try? holder.send([7]) }
            usleep(300_000)
          }
        }
      }
      usleep(100_000)
      var isServed = false
      let time = try seconds { isServed = try curl(server, "/pid", certificates).status == 0 }
      withExtendedLifetime(holders) {}
      // While others wait a handshake has a moment only, and so has this one, whose client may have been stopped.
      return isServed ? time : .infinity
    }
    print("sync, \(goesOn ? "slow" : "half") handshakes: \(time) s")
    // A handshake may take 10 s where nobody waits for its place.
    #expect(time < 8, "\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test(arguments: classes)
  func halfAHeadDoesNotHoldUpTheEnd(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let start = Deadline.now
    let client = try Client(port: server.port)
    try client.send(Array(Self.half.utf8))
    usleep(200_000)
    #expect(server.stop() == 0)
    #expect(start.secondsAgo < 10, "and not the 10 s of a head")
    #expect(try client.receive().status == 408)
  }
}
