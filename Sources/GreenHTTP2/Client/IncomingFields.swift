internal import GreenHTTP
internal import HTTPTypes

/// The fields of a head, or those after a content, on their way: all frames of one block follow each other (RFC 9113, 4.3).
struct IncomingFields {
  let stream: Int32
  /// `nil` where they are none of a head.
  private(set) var status: Int?
  private(set) var fields = HTTPFields()
  private let limits: HTTPLimits
  private var size = 0

  init(_ stream: Int32, _ limits: HTTPLimits) { (self.stream, self.limits) = (stream, limits) }

  /// False where there are more than there may be. What is malformed nghttp2 has refused before.
  mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    size += name.count + value.count + 32
    if size > limits.head || fields.count >= limits.fields { return false }
    let text = String(decoding: name, as: UTF8.self)
    if text == ":status" {
      status = Int(String(decoding: value, as: UTF8.self))
    } else if let name = HTTPField.Name(text) {
      fields.append(HTTPField(name: name, lenientValue: value))
    }
    return true
  }
}
