public import Green
internal import GreenTasks
public import HTTPTypes

// The same by the same names, for tasks: cancelling the task ends the wait, and an actor that calls is free meanwhile.
extension HTTPClient {
  /// As the blocking method of this name, for tasks.
  @concurrent
  public func send(_ request: HTTPClientRequest, until deadline: Deadline = .never) async throws -> HTTPClientResponse {
    try await Fiber.run { try self.send(request, until: deadline) }
  }

  /// As the blocking method of this name, for tasks.
  public func get(_ url: String, headers: HTTPFields = [:], until deadline: Deadline = .never) async throws
    -> HTTPClientResponse
  {
    try await send(HTTPClientRequest(.get, url, headers: headers), until: deadline)
  }

  /// As the blocking method of this name, for tasks.
  public func head(_ url: String, headers: HTTPFields = [:], until deadline: Deadline = .never) async throws
    -> HTTPClientResponse
  {
    try await send(HTTPClientRequest(.head, url, headers: headers), until: deadline)
  }

  /// As the blocking method of this name, for tasks.
  public func post(
    _ url: String, body: HTTPClientRequest.Body = .empty, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) async throws -> HTTPClientResponse {
    try await send(HTTPClientRequest(.post, url, headers: headers, body: body), until: deadline)
  }

  /// As the blocking method of this name, for tasks.
  public func post(
    _ url: String, form: KeyValuePairs<String, String>, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) async throws -> HTTPClientResponse {
    try await post(url, body: .form(form), headers: headers, until: deadline)
  }

  /// As the blocking method of this name, for tasks.
  public func put(
    _ url: String, body: HTTPClientRequest.Body, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) async throws -> HTTPClientResponse {
    try await send(HTTPClientRequest(.put, url, headers: headers, body: body), until: deadline)
  }

  /// As the blocking method of this name, for tasks.
  public func patch(
    _ url: String, body: HTTPClientRequest.Body, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) async throws -> HTTPClientResponse {
    try await send(HTTPClientRequest(.patch, url, headers: headers, body: body), until: deadline)
  }

  /// As the blocking method of this name, for tasks.
  public func delete(_ url: String, headers: HTTPFields = [:], until deadline: Deadline = .never) async throws
    -> HTTPClientResponse
  {
    try await send(HTTPClientRequest(.delete, url, headers: headers), until: deadline)
  }
}
