import CProcess
import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct InheritanceTests {
  private let token = String(repeating: "0a", count: 16)

  private func parse(_ value: String) -> cprocess_inheritance? {
    var inheritance = cprocess_inheritance()
    var token = [CChar](repeating: 0, count: 33)
    return cprocess_inheritance_parse(value, &inheritance, &token) == 0 ? inheritance : nil
  }

  @Test func `what is described is parsed again`() throws {
    var inheritance = cprocess_inheritance()
    inheritance.slot = 2
    inheritance.handshake = 5
    inheritance.scoreboard = 6
    inheritance.listener_count = 2
    inheritance.listeners.0 = 7
    inheritance.listeners.1 = 8
    var buffer = [CChar](repeating: 0, count: 1024)
    #expect(cprocess_inheritance_describe("GREENFINCH_WORKER", &inheritance, token, &buffer, buffer.count) > 0)
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #expect(text == "GREENFINCH_WORKER=1:2:5:6:7,8:\(token)")
    let parsed = try #require(parse(String(text.dropFirst("GREENFINCH_WORKER=".count))))
    #expect(parsed.slot == 2 && parsed.handshake == 5 && parsed.scoreboard == 6)
    #expect(parsed.listener_count == 2 && parsed.listeners.0 == 7 && parsed.listeners.1 == 8)
    #expect(cprocess_inheritance_describe("GREENFINCH_WORKER", &inheritance, token, &buffer, 20) == -1)
  }

  @Test(arguments: [
    "", "1", "1:2:5:6:7", "2:2:5:6:7:TOKEN", "1:2:5:6::TOKEN", "1:2:0:6:7:TOKEN", "1:2:5:6:7,:TOKEN", "1:2:5:6:7:0a",
    "1:2:5:6:7:TOKEN0", "1:-2:5:6:7:TOKEN", "1:2:5:6:99999999:TOKEN", "1:2:5:6:7:" + String(repeating: "z", count: 32),
  ]) func `a malformed variable is refused`(text: String) {
    #expect(parse(text.split(separator: "TOKEN", omittingEmptySubsequences: false).joined(separator: token)) == nil)
  }

  @Test func `a test is no worker`() { #expect(Inheritance.own == nil) }

  @Test func `messages cross the handshake whole, and its end is seen`() throws {
    let (master, worker) = try Handshake.pair()
    defer { master.close() }
    #expect(master.receive() == .nothing)
    try worker.send(.failed(reason: "no database\nat all"))
    let messages: [HandshakeMessage] = [.ready, .due(reason: "it has had 50 requests"), .files([]), .files([0, 12])]
    for message in messages { try worker.send(message) }
    #expect(master.receive() == .message(.failed(reason: "no database\nat all")))
    for message in messages { #expect(master.receive() == .message(message)) }
    worker.close()
    #expect(master.receive() == .end)
  }
}
