import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Limits of bodies that an application has for some of its requests.
@Suite(.bounded) struct BodyLimitTests {
  private struct Limited: Application {
    func respond(to request: Request) throws -> Response { Response("\(try request.body.bytes().count)") }
    func bodyLimit(for request: Request) -> Int? {
      switch request.path {
      case "/small": 4
      case "/large": 50
      case "/any": 0
      default: nil
      }
    }
  }

  private func status(_ path: String, _ count: Int, isChunked: Bool) -> Int {
    var configuration = HTTPConfiguration()
    configuration.limits.body = 10
    let body = String(repeating: "x", count: count)
    let request =
      isChunked
      ? "POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
      : "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n\(body)"
    return serve(request, with: Limited(), configuration: configuration)[0].status
  }

  @Test(arguments: [false, true])
  func eachRequestHasItsOwn(isChunked: Bool) {
    for (path, limit) in [("/small", 4), ("/other", 10), ("/large", 50)] {
      #expect(status(path, limit, isChunked: isChunked) == 200, "\(path)")
      #expect(status(path, limit + 1, isChunked: isChunked) == 413, "\(path)")
    }
    #expect(status("/any", 5_000, isChunked: isChunked) == 200)
  }
}
