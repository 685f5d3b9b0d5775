import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct PrometheusTests {
  @Test func `a family has its help, its type and its samples`() {
    var page = PrometheusText()
    page.family("a_total", .counter, "How many.")
    page.sample("a_total", 3, [("path", "x\"y\\z\nw"), ("code", "200")])
    page.single("b", .gauge, "What.", 4)
    #expect(
      page.text == """
        # HELP a_total How many.
        # TYPE a_total counter
        a_total{path="x\\"y\\\\z\\nw",code="200"} 3
        # HELP b What.
        # TYPE b gauge
        b 4

        """)
  }

  @Test func `a histogram adds up, and ends in all there are`() throws {
    let board = try Scoreboard(slots: 1, counts: true)
    let sum = try #require(board.metrics(at: 0))
    sum.countRequest(status: 200, nanoseconds: 20_000, bodyBytes: 0)
    sum.countRequest(status: 200, nanoseconds: 3_000_000_000_000, bodyBytes: 0)
    var page = PrometheusText()
    page.histogram("d_seconds", "How long.", sum.durations, sum: sum[.nanoseconds])
    let lines = page.text.split(separator: "\n")
    #expect(lines.contains("d_seconds_bucket{le=\"1e-05\"} 0"))
    #expect(lines.contains("d_seconds_bucket{le=\"2.5e-05\"} 1"))
    #expect(lines.contains("d_seconds_bucket{le=\"100.0\"} 1"))
    #expect(lines.suffix(3) == ["d_seconds_bucket{le=\"+Inf\"} 2", "d_seconds_sum 3000.00002", "d_seconds_count 2"])
  }
}

@Suite(.bounded) struct StatusRequestTests {
  private func read(_ text: String) -> StatusRequest.Reading { StatusRequest.read(Array(text.utf8)) }

  @Test func `a head is read when it is whole`() {
    #expect(read("") == .incomplete && read("GET / HTTP/1.1\r\nHost: a\r\n") == .incomplete)
    #expect(
      read("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
        == .request(StatusRequest(isHead: false, method: "GET", path: "/metrics")))
    #expect(
      read("HEAD / HTTP/1.0\n\n") == .request(StatusRequest(isHead: true, method: "HEAD", path: "/")))
    #expect(
      read("GET /metrics?\u{301} HTTP/1.1\r\n\r\n")
        == .request(StatusRequest(isHead: false, method: "GET", path: "/metrics")))
    #expect(read("nonsense\r\n\r\n") == .bad && read("GET x HTTP/1.1\r\n\r\n") == .bad)
  }

  @Test func `a head that comes in pieces is read once it is whole, without another look at all of it`() {
    for text in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\n\n"] {
      let bytes = Array(text.utf8)
      for scanned in bytes.indices {
        #expect(StatusRequest.read(Array(bytes[..<scanned]), scanned: max(0, scanned - 1)) == .incomplete)
        #expect(StatusRequest.read(bytes, scanned: scanned) != .incomplete, "\(scanned)")
      }
    }
    #expect(StatusRequest.read([], scanned: 5) == .incomplete)
  }

  @Test func `an answer has its length, and its body not for HEAD`() {
    let answer = StatusAnswer(status: 503, body: "no worker is free\n")
    let text = String(decoding: answer.bytes(isHead: false), as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n") && text.hasSuffix("\r\n\r\nno worker is free\n"))
    #expect(text.contains("Content-Length: 18\r\n") && text.contains("Connection: close\r\n"))
    #expect(String(decoding: answer.bytes(isHead: true), as: UTF8.self).hasSuffix("\r\n\r\n"))
  }
}
