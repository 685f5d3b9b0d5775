public import Green
public import GreenHTTP
internal import HTTPTypes

/// Where a pool has been exhausted for as long as one may wait, `503 (Service Unavailable)`, with `Retry-After`: the
/// client is to come again. What else a pool throws is a fault of the program, and answered as such.
extension PoolError: ResponseConvertible {
  public func response(for request: Request) throws -> Response {
    guard case .exhausted(_, let waited) = self else { throw self }
    let seconds = max(1, waited.components.seconds)
    return Response(HTTPError(.serviceUnavailable, headers: [.retryAfter: "\(seconds)"]))
  }
}
