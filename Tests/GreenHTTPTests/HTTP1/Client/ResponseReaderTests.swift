import Foundation
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// A client's side of the parsers: whatever comes, and however it is cut.
@Suite(.bounded) struct ResponseReaderTests {
  private static let seeds = [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello", "HTTP/1.0 404 Not Found\r\n\r\nuntil the end",
    "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nWiki\r\n5\r\npedia\r\n0\r\nX-T: t\r\n\r\n",
    "HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
  ]

  /// What a reader makes of the bytes, which come in pieces as long as these.
  private func outcome(_ bytes: [UInt8], pieces: @escaping () -> Int) -> String {
    var rest = bytes[...]
    let receive: ResponseReader.Receive = { memory in
      let piece = rest.prefix(max(1, min(pieces(), memory.count)))
      rest = rest.dropFirst(piece.count)
      memory.copyBytes(from: piece)
      return piece.count
    }
    let reader = ResponseReader(limits: HTTPLimits())
    var told = ""
    do {
      // What follows the last answer is of no interest.
      for _ in 0..<4 {
        var head = try reader.takeHead()
        while head == nil {
          if try reader.receive(receive) == 0 { return told + "|end" }
          head = try reader.takeHead()
        }
        guard let head else { break }
        told += "|\(head.status.code) \(head.fields.map { "\($0.name)=\($0.value)" }) \(head.keepsAlive)"
        if head.isInterim { continue }
        reader.beginBody(of: head, isAnswerToHead: false)
        var room = [UInt8](repeating: 0, count: 64)
        while case let count = try room.withUnsafeMutableBytes({ try reader.read(into: $0, receive) }), count > 0 {
          told += String(decoding: room[..<count], as: UTF8.self)
        }
        told += " \(reader.trailers.count)"
        if !head.keepsAlive { break }
      }
    } catch {
      told += "|\(error)"
    }
    return told
  }

  @Test func answersAreRead() {
    let told = Self.seeds.map { outcome(Array($0.utf8)) { .max } }
    #expect(told[0] == #"|200 ["Content-Length=5", "X-A=b"] truehello 0|end"#)
    #expect(told[1] == "|404 [] falseuntil the end 0")
    #expect(told[2] == #"|103 ["Link=<a>"] true|204 ["Connection=close"] false 0"#)
    #expect(told[3] == #"|200 ["Transfer-Encoding=chunked"] trueWikipedia 1|end"#)
    #expect(told[4].hasSuffix(#"|200 ["Content-Length=1"] truex 0|end"#))
  }

  @Test func theOutcomeDoesNotDependOnHowTheBytesAreCut() {
    var random = Seeded(11)
    for round in 0..<20_000 {
      var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array("\r\n 0:;\u{9}".utf8).randomElement(using: &random)!, at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      let whole = outcome(bytes) { .max }
      let bytewise = outcome(bytes) { 1 }
      let inPieces = outcome(bytes) { Int.random(in: 1...20, using: &random) }
      // Where the connection ended how much had been read may differ, and nothing else.
      #expect(
        Self.comparable(whole) == Self.comparable(bytewise) && Self.comparable(whole) == Self.comparable(inPieces))
    }
  }

  /// Faults that are found once what came before has been given out.
  private static func comparable(_ told: String) -> String {
    guard let place = told.range(of: "|truncated") else { return told }
    return String(told[..<place.lowerBound])
  }
}
