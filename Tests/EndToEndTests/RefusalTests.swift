import Foundation
import Green
import SuiteSupport
import Testing

@Suite(.serialized, .bounded) struct RefusalTests {
  @Test(arguments: everyClass)
  func refusedRequestsAreInTheAccessLogAndInTheLogAtABoundedRate(_ arguments: [String]) throws {
    let path = NSTemporaryDirectory() + "refusals-\(UUID().uuidString).log"
    defer { unlink(path) }
    let server = try Server(arguments + ["--access-logfile", path])
    let start = Deadline.now
    for _ in 0..<200 {
      let client = try Client(port: server.port)
      #expect(try client.exchange("GET /known HTTP/1.1\r\nUser-Agent: probe\r\n\r\n").status == 400)
    }
    #expect(try Client(port: server.port).exchange("NONSENSE\r\n\r\n").status == 400)
    #expect(try Client(port: server.port).exchange("GET /new HTTP/2.0\r\n\r\n").status == 505)
    #expect(try Client(port: server.port).exchange("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n").status == 501)
    let long = "/" + String(repeating: "a", count: 20_000)
    #expect(try Client(port: server.port).exchange("GET \(long) HTTP/1.1\r\n\r\n").status == 414)
    #expect(server.stop() == 0)
    let access = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(access.filter { $0.contains("\"GET /known HTTP/1.1\" 400 ") && $0.contains("\"probe\"") }.count == 200)
    #expect(access.filter { $0.contains("\"-\" 400 ") }.count == 1)
    #expect(access.filter { $0.contains("\"GET /new HTTP/2.0\" 505 ") }.count == 1)
    #expect(access.filter { $0.contains("\"CONNECT a:80 HTTP/1.1\" 501 ") }.count == 1)
    #expect(access.filter { $0.contains("\"GET \(long.prefix(4_090))\" 414 ") }.count == 1)
    #expect(server.logged("more invalid requests were not logged"))
    let lines = server.log.split(separator: "\n").filter { $0.contains("Invalid request from ip=127.0.0.1: ") }
    // Ten for each second that has begun.
    let most = 10 * (Int(start.secondsAgo) + 1)
    #expect((1...most).contains(lines.count), "\(lines.count) lines")
  }
}
