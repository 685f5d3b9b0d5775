internal import GreenHTTP
internal import GreenWeb
public import HTTPTypes

extension TestClient {
  /// Asks with `GET`. See ``send(_:_:headers:body:)``.
  @discardableResult
  public func get(_ target: String, headers: HTTPFields = [:]) throws -> TestResponse {
    try send(.get, target, headers: headers)
  }

  /// Asks with `HEAD`.
  @discardableResult
  public func head(_ target: String, headers: HTTPFields = [:]) throws -> TestResponse {
    try send(.head, target, headers: headers)
  }

  /// Asks with `OPTIONS`.
  @discardableResult
  public func options(_ target: String, headers: HTTPFields = [:]) throws -> TestResponse {
    try send(.options, target, headers: headers)
  }

  /// Asks with `DELETE`.
  @discardableResult
  public func delete(_ target: String, headers: HTTPFields = [:]) throws -> TestResponse {
    try send(.delete, target, headers: headers)
  }

  /// Asks with `POST`.
  @discardableResult
  public func post(_ target: String, headers: HTTPFields = [:], body: [UInt8] = []) throws -> TestResponse {
    try send(.post, target, headers: headers, body: body)
  }

  /// Sends a value as JSON, in the form that the application reads, by default with `POST`.
  @discardableResult
  public func post(
    _ target: String, json value: some Encodable, method: HTTPRequest.Method = .post, headers: HTTPFields = [:]
  ) throws -> TestResponse {
    let body = try Response.json(value, options: jsonOptions).body.withBytes { Array($0) } ?? []
    return try send(method, target, headers: headers.with(.contentType, "application/json"), body: body)
  }

  /// Sends a form as a page does, by default with `POST`.
  @discardableResult
  public func post(
    _ target: String, form: KeyValuePairs<String, String>, method: HTTPRequest.Method = .post,
    headers: HTTPFields = [:]
  ) throws -> TestResponse {
    let pairs = form.map { "\(PercentEncoding.encoded($0.key))=\(PercentEncoding.encoded($0.value))" }
    return try send(
      method, target, headers: headers.with(.contentType, "application/x-www-form-urlencoded"),
      body: Array(pairs.joined(separator: "&").utf8))
  }

  /// Sends a form with files as a page does (RFC 7578).
  @discardableResult
  public func post(
    _ target: String, form: KeyValuePairs<String, String> = [:], files: [TestFile], headers: HTTPFields = [:]
  ) throws -> TestResponse {
    let boundary = "greenfinch-\(String(UInt64.random(in: 0...(.max)), radix: 36))"
    var body: [UInt8] = []
    for (name, value) in form {
      body +=
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(TestFile.escaped(name))\"\r\n\r\n\(value)\r\n".utf8
    }
    for file in files { body += file.part(boundary) }
    body += "--\(boundary)--\r\n".utf8
    return try send(
      .post, target, headers: headers.with(.contentType, "multipart/form-data; boundary=\(boundary)"), body: body)
  }
}

extension HTTPFields {
  fileprivate func with(_ name: HTTPField.Name, _ value: String) -> HTTPFields {
    var fields = self
    fields[name] = value
    return fields
  }
}
