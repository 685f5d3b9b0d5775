internal import Green
internal import HTTPTypes

/// One request of a client and its answer: over a connection of the pool, or another one where that is gone.
struct Exchange {
  private let client: HTTPClient
  private let hop: Hop
  private let timing: Timing
  /// How often a request is sent again that no server looks at.
  private static let mostRefusals = 3

  init(_ client: HTTPClient, _ hop: Hop, _ timing: Timing) {
    (self.client, self.hop, self.timing) = (client, hop, timing)
  }

  /// Sends the request and waits for the head of the answer.
  func perform() throws -> HTTPClientResponse {
    if hop.url.isSecure && !client.connector.hasTLS { throw HTTPClientError.withoutTLS(hop.url.text) }
    let proxy = try client.configuration.proxies.server(for: hop.url)
    let route = Route(hop.url, through: proxy, hub: client.connector.speaksHTTP2 ? Hub.current : nil)
    var request = try OutgoingRequest(hop, route, client)
    var (isRepeated, refusals) = (false, 0)
    while true {
      // A connection that refuses one stream may take the next, and one that the server leaves is no longer usable by itself.
      let isFresh = isRepeated || refusals > 1
      let lease = try client.pool.take(route, fresh: isFresh, timing) { try client.connector.connect(route, timing) }
      do {
        let answer = try lease.connection.exchange(request, timing)
        let isExpectationRefused =
          answer.status == .expectationFailed && request.expectsContinue && hop.body.isRepeatable
        guard isExpectationRefused else { return response(answer, to: request, lease) }
        // RFC 9110, 10.1.1: once more without.
        request.expectsContinue = false
        lease.end(usable: false)
      } catch let lost as Unanswered {
        lease.end(usable: lease.connection.survivesFailures)
        guard hop.body.isRepeatable else { throw lost.error }
        if lost.isUnprocessed {
          // RFC 9113, 8.7: whatever is asked for.
          refusals += 1
          if refusals > Self.mostRefusals { throw lost.error }
        } else {
          // RFC 9112, 9.3.1: a connection that was used before may have been closed while the request was under way.
          guard lease.isReused, request.isIdempotent, !isRepeated else { throw lost.error }
          isRepeated = true
        }
      } catch {
        lease.end(usable: lease.connection.survivesFailures)
        throw error
      }
    }
  }

  private func response(_ answer: IncomingAnswer, to request: OutgoingRequest, _ lease: Lease) -> HTTPClientResponse {
    let decoding = request.takesCodings ? client.decoding : nil
    let answer = decoding?.decoded(answer, expansion: client.configuration.maximumExpansion) ?? answer
    return HTTPClientResponse(answer, hop.url, lease, timing, client.configuration)
  }
}
