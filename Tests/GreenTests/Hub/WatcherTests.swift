import Glibc
import SuiteSupport
import TestSupport
import Testing

@testable import Green

@Suite("Watchers of descriptors", .bounded)
struct WatcherTests {
  @Test("many connections that are active at once are watched without asking the kernel again")
  func noRestarts() throws {
    let (count, rounds) = (400, 10)
    let starts = try onHub {
      let pairs = try (0..<count).map { _ in try pair() }
      defer { for (one, other) in pairs { closeBoth(one, other) } }
      let answered = Semaphore(0)
      let readers = pairs.map { one, _ in
        Fiber.spawn {
          var byte: UInt8 = 0
          for _ in 0...rounds {
            try Readiness.wait(for: one, .read)
            #expect(read(one, &byte, 1) == 1)
            answered.signal()
          }
        }
      }
      let table = Hub.current!.descriptors
      var atFirst: UInt64 = 0
      for round in 0...rounds {
        for (_, other) in pairs { #expect(write(other, "x", 1) == 1) }
        for _ in pairs { try answered.wait() }
        if round == 0 { atFirst = table.startCount }
      }
      for reader in readers { try reader.value }
      #expect(atFirst >= UInt64(count))
      return table.startCount - atFirst
    }
    #expect(starts == 0)
  }

  @Test("descriptors whose fibers are ready and have not run are not told of again and again")
  func fewRepetitions() throws {
    let (busy, patient) = (40, 600)
    let (firings, milliseconds) = try onHub {
      // The busy fibers' become ready first.
      let (first, second) = (try pair(), try pair())
      let descriptors = (0..<busy + patient).map { dup($0 < busy ? first.0 : second.0) }
      defer {
        for descriptor in descriptors { close(descriptor) }
        closeBoth(first.0, first.1)
        closeBoth(second.0, second.1)
      }
      let fibers = descriptors.enumerated().map { index, descriptor in
        Fiber.spawn {
          try Readiness.wait(for: descriptor, .read)
          if index < busy { compute(for: .milliseconds(10)) }
        }
      }
      Fiber.yield()
      let (state, began) = (Hub.current!.state, Deadline.now)
      let before = state.pointee.firings
      #expect(write(first.1, "x", 1) == 1 && write(second.1, "x", 1) == 1)
      for fiber in fibers { try fiber.value }
      return (state.pointee.firings - before, (Deadline.now.nanoseconds - began.nanoseconds) / 1_000_000)
    }
    #expect(firings >= UInt64(busy + patient))
    // A look after which the fibers are left 100 µs for each descriptor makes ten a millisecond.
    #expect(firings < UInt64(2 * (busy + patient)) + 12 * UInt64(milliseconds), "in \(milliseconds) ms")
  }

  private func compute(for duration: Duration) {
    let end = Deadline.after(duration)
    while Deadline.now < end {}
  }

  private func pair() throws -> (CInt, CInt) {
    var pair: [CInt] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    return (pair[0], pair[1])
  }

  private func closeBoth(_ one: CInt, _ other: CInt) {
    close(one)
    close(other)
  }
}
