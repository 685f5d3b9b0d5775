import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct AccessLogFormatTests {
  private let time = "22/Nov/2026:09:21:01 +0000"

  private func record(
    _ target: String = "/a%20b?c=d", _ fields: HTTPFields = [:], response: Response = Response("Hello")
  ) throws -> AccessRecord {
    AccessRecord(
      try Request(.post, target, headers: fields, body: [1]), host: "203.0.113.7", status: 201, bodyBytes: 5,
      response: response, nanoseconds: 1_234_567_890)
  }

  private func line(_ format: String, _ record: AccessRecord) throws -> String {
    let line = try AccessLogFormat(format).line(record, at: time)
    #expect(line.hasSuffix("\n"))
    return String(line.dropLast())
  }

  @Test func `the default is gunicorn's`() throws {
    let request = try Request(.get, "/")
    let record = AccessRecord(request, host: "127.0.0.1", status: 200, bodyBytes: 2)
    let expected = #"127.0.0.1 - - [22/Nov/2026:09:21:01 +0000] "GET / HTTP/1.1" 200 2 "-" "-""#
    #expect(try line(AccessLogFormat.standard, record) == expected)
  }

  @Test(arguments: [
    ("h", "203.0.113.7"), ("l", "-"), ("u", "Ada"), ("t", "[22/Nov/2026:09:21:01 +0000]"),
    ("r", "POST /a%20b?c=d HTTP/1.1"), ("m", "POST"), ("U", "/a b"), ("q", "c=d"), ("H", "HTTP/1.1"), ("s", "201"),
    ("B", "5"), ("b", "5"), ("f", "there"), ("a", #"te\"st"#), ("T", "1"), ("M", "1234"), ("D", "1234567"),
    ("L", "1.234567"),
    ("{X-Thing}i", "thing"), ("{x-missing}i", "-"), ("{content-type}o", "text/plain; charset=utf-8"),
    ("{content-length}o", "5"), ("{x-own}o", "own"), ("{etag}o", "-"),
    ("{REMOTE_ADDR}e", "203.0.113.7"), ("{request_method}e", "POST"), ("{RAW_URI}e", "/a%20b?c=d"),
    ("{PATH_INFO}e", "/a b"), ("{QUERY_STRING}e", "c=d"), ("{SERVER_PROTOCOL}e", "HTTP/1.1"),
    ("{wsgi.url_scheme}e", "http"), ("{HTTP_X_THING}e", "thing"), ("{CONTENT_LENGTH}e", "1"), ("{SCRIPT_NAME}e", ""),
    ("{request_id}e", "r-1"), ("{trace_id}e", "4bf92f3577b34da6a3ce929d0e0e4736"),
    ("{parent_id}e", "00f067aa0ba902b7"),
  ])
  func `every atom tells what gunicorn's does`(_ atom: String, _ expected: String) throws {
    var response = Response("Hello")
    response.headers[HTTPField.Name("X-Own")!] = "own"
    let record = try record(
      "/a%20b?c=d",
      [
        .authorization: "Basic QWRhOnNlY3JldA==", .referer: "there", .userAgent: "te\"st",
        HTTPField.Name("X-Thing")!: "thing", HTTPField.Name("X-Request-ID")!: "r-1",
        .traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      ], response: response)
    #expect(try line("<%(\(atom))s>", record) == "<\(expected)>")
  }

  @Test func `the worker's number is in angle brackets`() throws {
    #expect(try line("%(p)s", record()).wholeMatch(of: /<\d+>/) != nil)
  }

  @Test func `what is not known is a dash`() throws {
    let unknown = AccessRecord(nil, host: "-", status: 400, bodyBytes: 0)
    let format = "%(h)s %(u)s %(r)s %(m)s %(U)s %(q)s %(H)s %(f)s %(a)s %({a}i)s %({a}o)s %({REMOTE_PORT}e)s %(L)s"
    #expect(try line(format, unknown) == "- - - - - - - - - - - - 0.000000")
  }

  @Test func `text stays as it is, two percent signs are one, and a tab can be written`() throws {
    #expect(try line(#"100%% {of} %(s)s\tend"#, record()) == "100% {of} 201\tend")
    #expect(try AccessLogFormat("plain").pieces == [.text("plain")])
    #expect(try AccessLogFormat("%(s)d|%(h)s").pieces == [.atom(.status), .text("|"), .atom(.host)])
  }

  @Test func `nothing that is sent ends the line or a field`() throws {
    let fields: HTTPFields = [.userAgent: "a\"b\\c\u{9b}31m", HTTPField.Name("X-A")!: "d\u{202e}e"]
    #expect(try line(#""%(a)s" "%({x-a}i)s""#, record("/", fields)) == #""a\"b\\c\x9b31m" "d\u{202e}e""#)
  }

  @Test(arguments: ["%h", "100%", "%(h", "%(h)", "%(h)f", "%(x)s", "%({a}x)s", "%({no such}i)s", "%({NO_SUCH}e)s"])
  func `what is not a format is refused, and says why`(_ format: String) {
    #expect(throws: SettingFault.self) { try AccessLogFormat(format) }
  }

  @Test func `JSON tells the same by name`() throws {
    var record = try record("/a\"b", [.userAgent: "curl", .referer: "x\ny"])
    record.host = "-"
    let text = record.json(at: Timestamp(seconds: 0))
    #expect(text.hasSuffix("}\n") && !text.dropLast().contains("\n"))
    for member in [
      #""logger":"access""#, #""method":"POST""#, #""target":"/a\"b""#, #""protocol":"HTTP/1.1""#, #""status":201"#,
      #""bytes":5"#, #""duration":1.234567"#, #""user_agent":"curl""#, #""request_id":"#,
    ] { #expect(text.contains(member), "\(member) in \(text)") }
    #expect(!text.contains("client") && !text.contains("trace_id"), "\(text)")
  }
}
