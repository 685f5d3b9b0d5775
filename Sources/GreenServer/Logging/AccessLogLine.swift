import Green
import GreenHTTP

/// A request as the access log tells it, in gunicorn's default format:
/// `%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"`, which is the combined log format.
package struct AccessLogLine {
  /// The client's address without its port: the peer's, or whom a trusted proxy names.
  package var host: String
  /// The request line as it was sent.
  package var requestLine: String
  package var status: Int
  /// Bytes of the response's body.
  package var bodyBytes: Int
  package var referer: String?
  package var userAgent: String?

  package init(
    host: String, requestLine: String, status: Int, bodyBytes: Int, referer: String?, userAgent: String?
  ) {
    self.host = host
    self.requestLine = requestLine
    self.status = status
    self.bodyBytes = bodyBytes
    self.referer = referer
    self.userAgent = userAgent
  }

  /// The line with its newline. Nothing that a client sends can end the line or its quotes early.
  package func format(time: LocalTime) -> String {
    """
    \(LogText.escaped(host)) - - [\(time.commonLog)] "\(LogText.escaped(requestLine))" \(status) \(bodyBytes) \
    "\(LogText.escaped(referer ?? "-"))" "\(LogText.escaped(userAgent ?? "-"))"

    """
  }

  /// A peer without its port: `127.0.0.1:40312` is `127.0.0.1`, `[::1]:40312` is `::1`, `unix:` is `-`.
  package static func host(ofPeer peer: String) -> String {
    Peer.host(of: peer) ?? "-"
  }
}
