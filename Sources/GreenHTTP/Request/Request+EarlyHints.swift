public import HTTPTypes

extension Request {
  /// Tells the client what the answer is likely to say, while that is being made: `103 (Early Hints)`, RFC 8297. A browser
  /// begins to load what `Link` fields name.
  ///
  /// ```swift
  /// try request.sendEarlyHints([.init("Link")!: "</style.css>; rel=preload; as=style"])
  /// let page = try render(database.load())
  /// ```
  ///
  /// Sent at once, by the handler's fiber or thread; parks or blocks until the kernel has taken it. The answer must
  /// bring the fields once more. Nothing is sent to an HTTP/1.0 client, which knows no interim answers (RFC 9110,
  /// 15.2), nor when the answer has begun.
  ///
  /// - Throws: the stream's `Errno`.
  public func sendEarlyHints(_ fields: HTTPFields) throws {
    try storage.origin?.sendEarlyHints(fields, for: storage)
  }
}
