internal import Green
public import GreenHTTP
internal import GreenTasks

/// A ``RequestInput`` that is made by an `async` function.
public protocol AsyncRequestInput: HandlerInput {
  /// Makes it of a request. What it throws is the answer, as of a handler.
  init(request: Request) async throws
}

extension AsyncRequestInput {
  public static func take(from reader: inout InputReader) throws -> Self {
    let request = reader.request
    return try Fiber.await { try await Self(request: request) }
  }

  public static var source: InputSource { .request }
}
