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

  @Test func `a successor takes them over, and makes another when it is time`() throws {
    let hour: Int64 = 3_600_000_000_000
    let before = try Scoreboard(slots: 1)
    var theirs = TicketKeys(on: before)
    for hours in 0..<4 { theirs.renew(at: Int64(hours) * hour) }
    let scoreboard = try Scoreboard(slots: 1)
    var keys = TicketKeys(on: scoreboard)
    keys.takeOver(from: before, at: 4 * hour)
    keys.renew(at: 4 * hour)
    #expect(scoreboard.ticketKeys == before.ticketKeys && scoreboard.ticketKeys.count == 3)
    keys.renew(at: 5 * hour)
    #expect(Array(scoreboard.ticketKeys.dropFirst()) == Array(before.ticketKeys.prefix(2)))
    // Of a server without TLS there are none.
    var own = TicketKeys(on: try Scoreboard(slots: 1))
    own.takeOver(from: try Scoreboard(slots: 1), at: hour)
    #expect(own.due == 0)
  }

  @Test func `a worker sees the master's`() throws {
    let scoreboard = try Scoreboard(slots: 1)
    var keys = TicketKeys(on: scoreboard)
    keys.renew(at: 1)
    let inherited = try Scoreboard(inherited: dup(scoreboard.descriptor))
    #expect(inherited.ticketKeys == scoreboard.ticketKeys)
  }
}
