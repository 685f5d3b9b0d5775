import Foundation
import SuiteSupport
import TestSupport
import Testing

import class Green.Mutex

/// Clients that hold every place of a worker and send nothing, or half a head: others are served all the same.
@Suite(.serialized, .bounded) struct FullWorkerTests {
  private static let classes = [
    ["-k", "sync"], ["-k", "green", "--worker-connections", "4"], ["-k", "thread", "--threads", "4"],
  ]
  private static let half = "GET /pid HTTP/1.1\r\nHo"

  /// How long a request on a new connection takes, in seconds.
  private func latency(_ server: Server) throws -> Double {
    let start = Date()
    #expect(try get(server.port, "/pid").status == 200, "\(server.log)")
    return Date().timeIntervalSince(start)
  }

  @Test(arguments: classes, ["", half])
  func aNewRequestIsServedWhileEveryPlaceIsHeld(_ arguments: [String], _ sent: String) throws {
    let server = try Server(arguments + ["--keep-alive", "60"])
    for _ in 0..<3 {
      let holders = try (0..<4).map { _ in
        let client = try Client(port: server.port)
        try client.send(Array(sent.utf8))
        return client
      }
      usleep(100_000)
      let time = try latency(server)
      print("\(arguments.joined(separator: " ")), \(sent.isEmpty ? "silent" : "half a head"): \(time) s")
      // A head may take 10 s where nobody waits for its place.
      #expect(time < 5)
      #expect(holders.count == 4)
    }
    #expect(server.stop() == 0)
  }

  @Test(arguments: classes.dropFirst())
  func theSlowestHeadIsAnsweredWhenTheWorkerIsFull(_ arguments: [String]) throws {
    let server = try Server(arguments)
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
    #expect(try slow[3].exchange("st: x\r\n\r\n").status == 200, "the fastest is still there")
    #expect(server.stop() == 0)
  }

  @Test func aSyncWorkerServesTheFirstWhoseHeadIsWhole() throws {
    let server = try Server(["-k", "sync"])
    let clients = try (0..<20).map { _ in
      let client = try Client(port: server.port)
      try client.send(Array(Self.half.utf8))
      return client
    }
    for client in clients.reversed() { #expect(try client.exchange("st: x\r\n\r\n").status == 200) }
    // One that does not come at all is answered in the end.
    let late = try Client(port: server.port)
    try late.send(Array(Self.half.utf8))
    #expect(try late.receive().status == 408)
    #expect(server.logged("the head of the request did not arrive in time"), "\(server.log)")
    // More than can wait: those that have waited for longest make room.
    let many = try (0..<130).map { _ in
      let client = try Client(port: server.port)
      try client.send(Array(Self.half.utf8))
      return client
    }
    #expect(try get(server.port, "/pid").status == 200)
    #expect(try many[0].receive().status == 408)
    #expect(try many[129].exchange("st: x\r\n\r\n").status == 200)
    #expect(server.stop() == 0)
  }

  /// The beginning of a handshake, and no more of it, or a byte now and then.
  @Test(arguments: [false, true])
  func aHandshakeThatStopsHalfwayDoesNotHoldASyncWorker(_ goesOn: Bool) throws {
    let certificates = try Certificates()
    let server = try secureServer(["-k", "sync"], certificates)
    let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 7, count: 40)
    let holders = try (0..<3).map { _ in
      let client = try Client(port: server.port)
      try client.send(hello)
      return client
    }
    let isOver = Mutex(false)
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
    let start = Date()
    #expect(try curl(server, "/pid", certificates).status == 0, "\(server.log)")
    let time = Date().timeIntervalSince(start)
    print("sync, \(goesOn ? "slow" : "half") handshakes: \(time) s")
    // A handshake may take 10 s where nobody waits for its place.
    #expect(time < 8)
    isOver.withLock { $0 = true }
    #expect(server.stop() == 0)
  }

  @Test(arguments: classes)
  func halfAHeadDoesNotHoldUpTheEnd(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let client = try Client(port: server.port)
    try client.send(Array(Self.half.utf8))
    usleep(200_000)
    let start = Date()
    #expect(server.stop() == 0)
    #expect(Date().timeIntervalSince(start) < 6, "and not the 10 s of a head")
    #expect(try client.receive().status == 408)
  }
}
