import FoundationEssentials
import Glibc
import Greenfinch

// Answers any method on any path with a description of the request. An application need not be an App: it is whatever
// makes responses of requests.

struct Description: Encodable {
  var method: String
  var target: String
  var path: String
  /// `null` where the target has none.
  @AlwaysEncoded var query: String?
  var version: String
  /// In order, with names as they were sent.
  var headers: [[String]]
  /// In Base64.
  var body: String
  var trailers: [[String]]
  var remote: String
  var pid: Int32
}

/// An optional that is written as `null`, where a synthesised `encode` leaves it out.
@propertyWrapper
struct AlwaysEncoded: Encodable {
  var wrappedValue: String?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

struct Anything: Application {
  func respond(to request: Request) throws -> Response {
    let body = try request.body.bytes()
    return try .json(
      Description(
        method: request.method.rawValue,
        target: request.target,
        path: request.path,
        query: AlwaysEncoded(wrappedValue: request.rawQuery),
        version: request.version.description,
        headers: request.rawHeaders.map { [$0.name, $0.value] },
        body: Data(body).base64EncodedString(),
        trailers: request.trailers.map { [$0.name.rawName, $0.value] },
        remote: request.remote,
        pid: getpid()))
  }
}

PreforkServer.run(Anything(), configuration: .fromCommandLine())
