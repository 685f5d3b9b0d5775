import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct TraceContextTests {
  private let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  private let parent = "00f067aa0ba902b7"

  @Test func aRequestsTraceIsKnown() throws {
    let request = try Request(.get, "/", headers: [.traceparent: "00-\(trace)-\(parent)-01"])
    let context = try #require(request.traceContext)
    #expect(context.traceID == trace && context.parentID == parent && context.isSampled)
    #expect(context.description == "00-\(trace)-\(parent)-01")
    #expect(try Request(.get, "/").traceContext == nil)
  }

  @Test func ofALaterVersionWhatIsKnownIsTaken() throws {
    let context = try #require(TraceContext("cc-\(trace)-\(parent)-02-more"))
    #expect(context.traceID == trace && !context.isSampled && context.flags == 2)
  }

  @Test func whatIsNotATraceparentIsNone() {
    let zeros = String(repeating: "0", count: 32)
    for wrong in [
      "", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-01-more", "ff-\(trace)-\(parent)-01",
      "00-\(zeros)-\(parent)-01", "00-\(trace)-\(zeros.prefix(16))-01", "00-\(trace.uppercased())-\(parent)-01",
      "00-\(trace)-\(parent)-1", "00-\(trace)-\(parent)-0x", "0-\(trace)-\(parent)-01", " 00-\(trace)-\(parent)-01",
      "00-\(trace)-\(parent)-01, 00-\(trace)-\(parent)-01",
    ] { #expect(TraceContext(wrong) == nil, "\(wrong)") }
  }

  @Test func aRequestsNameCountsOnlyFromATrustedProxy() {
    let asked = "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: r-1\r\n\r\n"
    let tells = Handler { Response($0.id) }
    #expect(serve(asked, with: tells).map(\.body) == ["r-1"])
    var configuration = HTTPConfiguration()
    configuration.proxies.forwardedFrom = .nobody
    let id = serve(asked, with: tells, configuration: configuration).first?.body ?? ""
    #expect(id != "r-1" && id.utf8.count == 16, "\(id)")
  }
}
