public import GreenHTTP

extension Request {
  /// Calls `hook` with the answer to this request, before the hooks after all of them; what it returns is sent. Those of one
  /// request are called in the order in which they were added. Not called where the server is not this framework's.
  ///
  /// ```swift
  /// request.afterThisRequest { response in response.withHeader(.cacheControl, "no-store") }
  /// ```
  public func afterThisRequest(_ hook: @escaping @Sendable (Response) throws -> Response) {
    self[Passage.Keys.after].append(hook)
  }

  /// As ``afterThisRequest(_:)`` for an `async` function.
  public func afterThisRequest(_ hook: @escaping @Sendable (Response) async throws -> Response) {
    afterThisRequest(ensureSync(hook))
  }
}
