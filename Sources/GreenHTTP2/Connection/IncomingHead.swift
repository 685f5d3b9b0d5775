internal import GreenHTTP
internal import HTTPTypes

/// The fields that are coming: those of all frames of one block follow each other (RFC 9113, 4.3).
enum IncomingHead {
  /// Those of a request, which go into the connection's ``RequestAssembly``.
  case request(Int32)
  /// Those after a body.
  case trailers(IncomingTrailers)
}

/// The fields after a body on their way, within the limits of a head.
final class IncomingTrailers {
  let stream: HTTP2Stream
  private(set) var fields = HTTPFields()
  /// Why the body cannot be taken.
  private(set) var fault: HTTPError?
  private var size = 0

  init(_ stream: HTTP2Stream) { self.stream = stream }

  func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ limits: HTTPLimits) {
    size += name.count + value.count + 32
    if fault != nil { return }
    if size > limits.head || fields.count >= limits.fields || name.count + value.count > limits.fieldLine {
      fault = HTTPError(.requestHeaderFieldsTooLarge, "there are too many fields after the body")
      return
    }
    guard let fieldName = HTTPField.Name(String(decoding: name, as: UTF8.self)), TrailerFields.mayFollow(fieldName)
    else {
      fault = HTTPError(.badRequest, "a field after the body may not be sent there")
      return
    }
    fields.append(HTTPField(name: fieldName, lenientValue: value))
  }
}
