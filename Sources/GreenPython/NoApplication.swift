import GreenHTTP

/// The master's, which serves nothing.
struct NoApplication: Application {
  func respond(to request: Request) throws -> Response { Response(status: .notFound) }
}
