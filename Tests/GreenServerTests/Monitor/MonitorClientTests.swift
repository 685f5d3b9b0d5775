import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct MonitorClientTests {
  /// A client of the master's, and its own end.
  private func connection(_ language: MonitorClient.Language) throws -> (client: MonitorClient, peer: CInt) {
    var ends: [CInt] = [-1, -1]
    try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
    return (MonitorClient(ends[0], language), ends[1])
  }

  @Test func `what was asked before the end of the input is still there to be answered`() throws {
    let (client, peer) = try connection(.control)
    defer { close(peer) }
    let asked = Array("status\nworkers\r\nhalf".utf8)
    #expect(send(peer, asked, asked.count, 0) == asked.count && client.receive() && !client.hasInputEnded)
    #expect(client.events == Int16(POLLIN))
    shutdown(peer, CInt(SHUT_WR))
    #expect(client.receive() && client.hasInputEnded)
    // Else poll(2) would return for the end again and again.
    #expect(client.events == 0 && client.receive())
    let lines = (0..<3).map { _ in client.takeLine() }
    #expect(lines == ["status", "workers", nil])
    #expect(client.send(Array("ok".utf8), andEnd: false) && client.hasTakenAll)
    var answer = [UInt8](repeating: 0, count: 8)
    #expect(recv(peer, &answer, answer.count, 0) == 2)
  }

  @Test(arguments: [MonitorClient.Language.http, .control])
  func `one that has asked nothing ends with its input`(language: MonitorClient.Language) throws {
    let (client, peer) = try connection(language)
    #expect(client.receive())
    close(peer)
    #expect(!client.receive())
  }
  @Test func `one that goes on sending has its answer whole`() throws {
    let (client, peer) = try connection(.http)
    var isOpen = true
    defer { if isOpen { close(peer) } }
    let asked = Array("POST / HTTP/1.1\r\n\r\n".utf8)
    #expect(send(peer, asked, asked.count, 0) == asked.count && client.receive())
    let late = [UInt8](repeating: 1, count: 50_000)
    #expect(send(peer, late, late.count, 0) == late.count)
    #expect(client.send(Array("no".utf8), andEnd: true) && client.hasTakenAll && client.events == Int16(POLLIN))
    // A second after the last that has come, however long it takes.
    let deadline = client.deadline
    #expect(send(peer, late, late.count, 0) == late.count && client.receive() && client.deadline > deadline)
    var answer = [UInt8](repeating: 0, count: 8)
    #expect(recv(peer, &answer, answer.count, 0) == 2 && recv(peer, &answer, answer.count, 0) == 0)
    close(peer)
    isOpen = false
    #expect(!client.receive())
  }

  @Test func `one that sends without end is let go`() throws {
    let (client, peer) = try connection(.http)
    defer { close(peer) }
    let asked = Array("POST / HTTP/1.1\r\n\r\n".utf8)
    #expect(send(peer, asked, asked.count, 0) == asked.count && client.receive())
    #expect(client.send(Array("no".utf8), andEnd: true))
    let more = [UInt8](repeating: 1, count: 50_000)
    var rounds = 0
    while rounds < 100, send(peer, more, more.count, 0) == more.count, client.receive() { rounds += 1 }
    #expect(rounds == (1 << 20) / more.count)
  }

  @Test func `one that sends no more ends with its answer`() throws {
    let (client, peer) = try connection(.http)
    defer { close(peer) }
    let asked = Array("GET / HTTP/1.1\r\n\r\n".utf8)
    #expect(send(peer, asked, asked.count, 0) == asked.count)
    shutdown(peer, CInt(SHUT_WR))
    #expect(client.receive() && client.hasInputEnded)
    #expect(!client.send(Array("yes".utf8), andEnd: true))
  }
}
