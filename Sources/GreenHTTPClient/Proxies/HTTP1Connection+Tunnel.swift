internal import HTTPTypes

extension HTTP1Connection {
  /// Has a proxy make a way to a server: `CONNECT`, RFC 9110, 9.3.6. The connection's stream leads there then. Parks or blocks
  /// meanwhile.
  ///
  /// - Parameter target: `host:port`.
  /// - Throws: ``HTTPClientError/proxyRefused(status:)``.
  func openTunnel(to target: String, _ authorization: String?, _ timing: Timing) throws {
    var fields = HTTPFields()
    if let authorization { fields[.proxyAuthorization] = authorization }
    do {
      let answer = try exchange(OutgoingRequest(connectingTo: target, fields), timing)
      guard (200..<300).contains(answer.status.code) else {
        throw HTTPClientError.proxyRefused(status: answer.status.code)
      }
    } catch let lost as Unanswered {
      throw lost.error
    }
    // The server has not been spoken to.
    if !hasNothingUnread { throw HTTPClientError.malformedResponse("the proxy said more than that there is a way") }
  }
}
