import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Heads nobody would write: none may trap, and each must be taken the same however it is split.
@Suite(.bounded) struct FuzzTests {
  private static let seeds: [String] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /path/to?query=1 HTTP/1.1\r\nHost: example.org:8080\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: b\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "GET http://a/b HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: c\r\n\r\n",
    "\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\nX: \t a b \t\r\nTransfer-Encoding: chunked\r\n\r\n",
    "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n",
    "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n00\r\n\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n",
  ]
  private static let spice: [[UInt8]] = [
    "\r\n", "\r", "\n", "\0", " ", "\t", ":", "HTTP/1.1", "Content-Length: 18446744073709551616\r\n", "%", "%zz", "*",
    "/",
    "Host: a\r\n", "Connection: close\r\n", "\u{7f}", "é", "Expect: x\r\n", "Content-Length: 1\r\n", "\r\n\r\n", "?",
    "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "1\r\n", ";", "0", "f", "-", "+", "0x", "ffffffffffffffff", "\"",
    "\\",
  ].map { Array($0.utf8) }

  private static func mutated(_ random: inout Seeded) -> [UInt8] {
    var bytes = Array(seeds.randomElement(using: &random)!.utf8)
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let at = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.insert(contentsOf: spice.randomElement(using: &random)!, at: at)
      case 2 where at < bytes.count:
        bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...8, using: &random)))
      default:
        let from = Int.random(in: 0...bytes.count, using: &random)
        bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 12)], at: at)
      }
    }
    return bytes
  }

  /// Touches all that a handler can ask for.
  private static let curious = Handler { request in
    let fields = request.headers.count == request.rawHeaders.count ? "" : "fields differ"
    let parts =
      "\(request.method) \(request.target) \(request.path) \(request.rawQuery ?? "-") \(request.authority ?? "-")"
    let body = (try? request.body.bytes()).map { String(decoding: $0, as: UTF8.self) } ?? "broken"
    return Response("\(parts) \(request.header(.accept) ?? "") \(body)\(fields) \(request.trailers)")
  }

  private static func answers(_ stream: ScriptedStream) -> String {
    HTTPConnection(stream: stream, application: curious, observer: nil).serve()
    // The date may change between two runs; everything else may not. Whether 100 is sent depends on what has come.
    return String(decoding: stream.sent, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("Date: ") }.joined(separator: "\n")
      .replacing("HTTP/1.1 100 Continue\n\n", with: "")
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as [UInt64])
  func tenThousandMutatedRequestsNeverTrapAndAreTakenTheSameHoweverSplit(seed: UInt64) {
    var random = Seeded(seed)
    for round in 0..<10_000 {
      let bytes = Self.mutated(&random)
      let whole = Self.answers(ScriptedStream([.bytes(bytes), .end]))
      let split = Self.answers(.pieces(bytes, seed: round % 4 == 0 ? nil : random.next()))
      guard whole == split else {
        Issue.record(
          "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)\n\(whole)\n\(split)"
        )
        return
      }
    }
  }
}
