import CGreenPython
import GreenHTTP
import HTTPTypes

/// The head of an answer, as the extension gives it.
struct AnswerHead {
  var status: HTTPResponse.Status
  var contentType: String?
  var fields: HTTPFields
  /// Of the body, where it is known.
  var length: Int?

  init(_ answer: greenpython_answer) {
    let reason = Self.text(answer.reason, answer.reason_length)
    status = HTTPResponse.Status(code: Int(answer.status), reasonPhrase: reason)
    fields = HTTPFields()
    length = answer.length < 0 ? nil : Int(answer.length)
    let given = UnsafeBufferPointer(start: answer.fields, count: answer.field_count)
    fields.reserveCapacity(given.count)
    for field in given {
      let value = UnsafeRawBufferPointer(start: field.value, count: field.value_length)
      if contentType == nil, Self.isContentType(field) {
        contentType = String(decoding: value, as: UTF8.self)
      } else if let name = FieldNames.name(field) {
        fields.append(HTTPField(name: name, lenientValue: value))
      }
    }
  }

  /// The response with this head. Each answer to a `HEAD`, and each without a body, tells the length that the application
  /// has stated.
  func response(_ body: ResponseBody) -> Response {
    var response = Response(status: status, contentType: contentType, headers: fields, body: body)
    if let length, body.count == 0 { response.headers[.contentLength] = String(length) }
    return response
  }

  static func text(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  private static func isContentType(_ field: greenpython_field) -> Bool {
    let name: StaticString = "content-type"
    guard field.name_length == name.utf8CodeUnitCount, let given = field.name else { return false }
    for index in 0..<field.name_length where UInt8(bitPattern: given[index]) | 0x20 != name.utf8Start[index] {
      return false
    }
    // The dash is the same with that bit.
    return true
  }
}
