public import GreenHTTP

extension RequestBody {
  /// The body in pieces of at most `count` bytes, for `for try await` loops of `async` handlers. Each is read when it is asked
  /// for; cancelling the task ends the loop with `CancellationError`, also where more lies ready.
  public func pieces(upTo count: Int = 65_536) -> RequestBodyPieces { RequestBodyPieces(body: self, count: count) }
}
