public import Green
public import HTTPTypes

// Each of them is `send(_:until:)` in short: what is thrown is said there.
extension HTTPClient {
  /// Asks for what is at a URL: `GET`. Parks or blocks until the head of the answer is there. See `send(_:until:)`.
  public func get(_ url: String, headers: HTTPFields = [:], until deadline: Deadline = .never) throws
    -> HTTPClientResponse
  {
    try send(HTTPClientRequest(.get, url, headers: headers), until: deadline)
  }

  /// Asks for what a `GET` would be answered with, without its content: `HEAD`.
  public func head(_ url: String, headers: HTTPFields = [:], until deadline: Deadline = .never) throws
    -> HTTPClientResponse
  {
    try send(HTTPClientRequest(.head, url, headers: headers), until: deadline)
  }

  /// Sends a body to what is at a URL: `POST`.
  public func post(
    _ url: String, body: HTTPClientRequest.Body = .empty, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) throws -> HTTPClientResponse {
    try send(HTTPClientRequest(.post, url, headers: headers, body: body), until: deadline)
  }

  /// Sends fields as a form: `POST`, `application/x-www-form-urlencoded`.
  public func post(
    _ url: String, form: KeyValuePairs<String, String>, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) throws -> HTTPClientResponse {
    try post(url, body: .form(form), headers: headers, until: deadline)
  }

  /// Puts a body in the place of what is at a URL: `PUT`.
  public func put(
    _ url: String, body: HTTPClientRequest.Body, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) throws -> HTTPClientResponse {
    try send(HTTPClientRequest(.put, url, headers: headers, body: body), until: deadline)
  }

  /// Changes what is at a URL as a body says: `PATCH` (RFC 5789).
  public func patch(
    _ url: String, body: HTTPClientRequest.Body, headers: HTTPFields = [:], until deadline: Deadline = .never
  ) throws -> HTTPClientResponse {
    try send(HTTPClientRequest(.patch, url, headers: headers, body: body), until: deadline)
  }

  /// Deletes what is at a URL: `DELETE`.
  public func delete(_ url: String, headers: HTTPFields = [:], until deadline: Deadline = .never) throws
    -> HTTPClientResponse
  {
    try send(HTTPClientRequest(.delete, url, headers: headers), until: deadline)
  }
}
