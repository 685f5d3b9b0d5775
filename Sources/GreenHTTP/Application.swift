/// What a server serves: a function from a request to a response, written as blocking code.
///
/// The server calls it from a fiber (`-k green`), a thread (`-k thread`) or the process itself (`-k sync`), many at
/// once except in the last; what differs is only where it runs.
public protocol Application: Sendable {
  /// Answers one request. May park the calling fiber or block the calling thread for as long as it likes.
  ///
  /// An error that leaves this function is logged and answered with `500`.
  func respond(to request: Request) throws -> Response

  /// Answers a request that the server refuses before it is asked for: a head that breaks a rule or a limit (`400`, `413`,
  /// `414`, `417`, `431`, `501`, `505`), or that did not come in time (`408`). Asked where the request line is known: at
  /// least its method, and as much of its target as may be sent; of the fields there may be only some, and the body is
  /// empty. The connection ends after the answer.
  ///
  /// By default the answer is the error's own, ``Response/init(_:)-(HTTPError)``.
  func respond(to request: Request, refusedWith error: HTTPError) throws -> Response

  /// The most bytes that the body of a request may have, 0 for any number, where that is not for ``HTTPLimits/body`` to say.
  /// Asked of each request that brings a body, once its head is known; a longer one is answered with `413` without being read.
  /// It must neither park nor block.
  ///
  /// By default it is `nil`: the connection's limit counts.
  func bodyLimit(for request: Request) -> Int?
}

extension Application {
  public func respond(to request: Request, refusedWith error: HTTPError) throws -> Response { Response(error) }
  public func bodyLimit(for request: Request) -> Int? { nil }
}
