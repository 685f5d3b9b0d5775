public import Green
public import GreenHTTP
internal import HTTPTypes

/// Asks HTTP servers, as blocking code: in a fiber a call parks it, on a thread it blocks that, and in a task the same name is
/// `async`.
///
/// ```swift
/// let client = HTTPClient()
/// let answer = try client.get("http://127.0.0.1:8000/notes/7")
/// print(answer.status.code, try answer.text())
/// ```
///
/// One client serves a whole program, any number of fibers, threads and tasks at once. It keeps connections open and uses them
/// again (RFC 9112, 9.3), no more than there may be: what comes beyond waits its turn, first come, first served. A connection
/// that the server has closed meanwhile is found out, and an idempotent request on it is sent once more on a fresh one (RFC 9110,
/// 9.2.2). So is any request of which a server of HTTP/2 says that it has not looked at it (RFC 9113, 8.7), three times at most.
/// Whatever goes wrong with a request, cancellation included, closes its connection.
///
/// The content is not read before it is asked for. An answer that is dropped unread closes its connection.
///
/// After a fork the child has connections of its own.
public final class HTTPClient: Sendable {
  /// What it was made with.
  public let configuration: HTTPClientConfiguration
  let decoding: ContentDecoding?
  let pool: ConnectionPool
  let connector: Connector

  /// A client without a connection yet.
  ///
  /// - Parameters:
  ///   - tls: what encrypts the connections to `https` URLs: `.openSSL` of the module `GreenTLS`. Without it they are an error.
  ///   - http2: what speaks HTTP/2 to servers that choose it by ALPN, for requests in fibers: `.nghttp2` of the module
  ///     `GreenHTTP2`. Without it, and on plain threads, HTTP/1.1 is spoken.
  ///   - decoding: what takes codings such as gzip off contents: `.standard` of the module `GreenCompression`. Without
  ///     it none is asked for. Neither is where a request has an `Accept-Encoding` or a `Range` of its own.
  ///   - configuration: limits, times, proxies.
  public init(
    tls: TLSClientProvider? = nil, http2: HTTP2Provider? = nil, decoding: ContentDecoding? = nil,
    configuration: HTTPClientConfiguration = HTTPClientConfiguration()
  ) {
    self.configuration = configuration
    self.decoding = decoding
    pool = ConnectionPool(configuration)
    connector = Connector(configuration, tls, http2)
  }

  /// Closes the connections that nobody uses, and the others when their answers have been read. The client stays usable.
  public func closeConnections() { pool.closeAll() }

  /// Sends a request and waits for the head of its answer. Parks or blocks meanwhile.
  ///
  /// - Parameters:
  ///   - request: what is asked for.
  ///   - deadline: for all of it, the content that is read later included.
  /// - Throws: ``HTTPClientError``; `Errno`, `ConnectError` and `ResolverError` where there is no connection; what the body's
  ///   own code throws; `CancellationError` and `TimeoutError` as every wait.
  public func send(_ request: HTTPClientRequest, until deadline: Deadline = .never) throws -> HTTPClientResponse {
    var hop = Hop(request, try HTTPURL(request.url))
    var redirects = 0
    let timing = Timing(configuration, deadline)
    while true {
      let response = try perform(hop, timing)
      guard configuration.maximumRedirects > 0, let next = try hop.redirected(by: response) else { return response }
      response.body.discard()
      redirects += 1
      if redirects > configuration.maximumRedirects {
        throw HTTPClientError.tooManyRedirects(limit: configuration.maximumRedirects)
      }
      hop = next
    }
  }

  /// Sends a request to one of its places, with the cookies that are for it, and keeps those that the answer sets.
  private func perform(_ hop: Hop, _ timing: Timing) throws -> HTTPClientResponse {
    guard let jar = configuration.cookies else { return try Exchange(self, hop, timing).perform() }
    var sent = hop
    if !hop.headers.contains(.cookie) { sent.headers[.cookie] = jar.field(for: hop.url) }
    let response = try Exchange(self, sent, timing).perform()
    jar.read(response.headers[values: .setCookie], from: hop.url)
    return response
  }
}
