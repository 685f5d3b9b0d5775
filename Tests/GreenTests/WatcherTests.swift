import Glibc
import TestSupport
import Testing

@testable import Green

@Suite("Watchers of descriptors")
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
