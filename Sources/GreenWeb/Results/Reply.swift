public import GreenHTTP
public import HTTPTypes

/// A value with another status than `200`, or with fields. It keeps the value's type, of which documentation is made.
///
/// ```swift
/// app.post("/notes") { (_, new: Body<NewNote>) in
///   let note = try notes.insert(new.value)
///   return Reply(note, status: .created, headers: [.location: "/notes/\(note.id)"])
/// }
/// ```
public struct Reply<Value>: ResponseConvertible, Sendable {
  private let status: HTTPResponse.Status
  private let headers: HTTPFields
  private let convert: @Sendable (Request) throws -> Response

  /// A value that is sent as JSON.
  public init(_ value: Value, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:])
  where Value: Encodable & Sendable {
    self.status = status
    self.headers = headers
    let function = _Conversion.function(for: Value.self)
    convert = { request in try function(value, request) }
  }

  /// A value that is sent as JSON of another form than the application's others: see ``App/json``.
  public init(_ value: Value, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], json options: JSONOptions)
  where Value: Encodable & Sendable {
    self.status = status
    self.headers = headers
    convert = { _ in try Response.json(value, options: options) }
  }

  /// A value that converts itself.
  @_disfavoredOverload
  public init(_ value: Value, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:])
  where Value: ResponseConvertible & Sendable {
    self.status = status
    self.headers = headers
    convert = { request in try value.response(for: request) }
  }

  /// Text, as `text/plain; charset=utf-8`.
  public init(_ value: Value, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) where Value == String {
    self.status = status
    self.headers = headers
    convert = { _ in Response(value) }
  }

  public func response(for request: Request) throws -> Response {
    var response = try convert(request)
    response.status = status
    for field in headers { response.headers.append(field) }
    return response
  }
}

extension Reply: DocumentedResult {
  package static var documentedType: Any.Type { Value.self }
}

/// A result that says of what type its content is.
package protocol DocumentedResult {
  static var documentedType: Any.Type { get }
}
