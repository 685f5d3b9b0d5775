package import Green

// The time of a request, ``HTTPConfiguration/requestTimeout``, whatever it came on.

/// Calls `body`, which throws nothing, with the deadline for its waits.
package func inTime<Result>(_ deadline: Deadline, _ body: () -> Result) -> Result {
  do { return try withDeadline(deadline, body) } catch { return body() }
}

extension HTTPError {
  /// What a request is answered with whose time has passed.
  package static var tookTooLong: HTTPError { HTTPError(.serviceUnavailable, "the request took too long") }
}
