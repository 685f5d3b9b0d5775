import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct TicketKeysTests {
  @Test func `another key is made every hour, and three are known`() throws {
    let scoreboard = try Scoreboard(slots: 1)
    #expect(scoreboard.ticketKeys.isEmpty)
    var keys = TicketKeys(on: scoreboard)
    keys.renew(at: 1000)
    let first = scoreboard.ticketKeys
    #expect(first.count == 1 && first[0].count == 80 && Set(first[0]).count > 20)
    keys.renew(at: 3_600_000_000_000)
    #expect(scoreboard.ticketKeys == first, "it is not time")
    var seen = first
    for hour in 1...4 {
      keys.renew(at: 1000 + Int64(hour) * 3_600_000_000_000)
      #expect(scoreboard.ticketKeys.dropFirst() == seen.prefix(2), "the newest comes first")
      seen.insert(scoreboard.ticketKeys[0], at: 0)
    }
    #expect(Set(seen).count == 5 && scoreboard.ticketKeys.count == 3)
  }

  @Test func `a worker sees the master's`() throws {
    let scoreboard = try Scoreboard(slots: 1)
    var keys = TicketKeys(on: scoreboard)
    keys.renew(at: 1)
    let inherited = try Scoreboard(inherited: dup(scoreboard.descriptor))
    #expect(inherited.ticketKeys == scoreboard.ticketKeys)
  }
}
