/// What a server serves: a function from a request to a response, written as blocking code.
///
/// The server calls it from a fiber (`-k green`), a thread (`-k thread`) or the process itself (`-k sync`), many at
/// once except in the last; what differs is only where it runs.
public protocol Application: Sendable {
  /// Answers one request. May park the calling fiber or block the calling thread for as long as it likes.
  ///
  /// An error that leaves this function is logged and answered with `500`.
  func respond(to request: Request) throws -> Response
}
