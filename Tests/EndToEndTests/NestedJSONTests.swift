import Foundation
import SuiteSupport
import Testing

/// JSON that is nested deeply, to and from a server of real processes: it is answered, and ends no worker.
@Suite(.serialized, .bounded) struct NestedJSONTests {
  private func brackets(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  @Test(arguments: everyClass)
  func nestedJSONEndsNoWorker(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "1"])
    let workers = server.workers
    func post(_ body: String) throws -> Client.Response {
      try Client(port: server.port).exchange(
        "POST /nest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
          + body)
    }
    #expect(try post(brackets(128)).body == "128")
    let refused = "the body's JSON is nested more than 128 deep, at byte 128"
    // 400 bytes that are nested; more than any limit; brackets that nobody closes.
    for body in [brackets(200), brackets(500_000), String(repeating: "[", count: 400)] {
      let answer = try post(body)
      #expect(answer.status == 400 && answer.body == refused)
    }
    #expect(try get(server.port, "/nest/511").body == brackets(511))
    for depth in [512, 1_000] { #expect(try get(server.port, "/nest/\(depth)").status == 500) }
    #expect(server.logged("may be nested up to 511 deep"))
    #expect(try get(server.port, "/pid").body == "\(try #require(workers.first))")
    #expect(server.workers == workers)
    #expect(server.stop() == 0)
  }
}
