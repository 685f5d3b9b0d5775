internal import HTTPTypes

extension OutputBuffer {
  /// Appends text.
  func append(_ text: StaticString) {
    var cursor = reserve(text.utf8CodeUnitCount)
    cursor.append(text)
    advance(to: cursor)
  }

  /// Appends a field line (RFC 9112, 5).
  func append(_ field: HTTPField) {
    field.withUnsafeBytesOfValue { value in
      var cursor = reserve(field.name.rawName.utf8.count + value.count + 4)
      cursor.append(field.name.rawName)
      cursor.append(": ")
      cursor.append(UnsafeRawBufferPointer(value))
      cursor.append("\r\n")
      advance(to: cursor)
    }
  }

  /// Appends `Trailer`, which says what fields may follow the body (RFC 9110, 6.6.2).
  func append(trailers: [HTTPField.Name]) {
    append("Trailer: ")
    for (index, name) in trailers.enumerated() {
      var cursor = reserve(name.rawName.utf8.count + 2)
      if index > 0 { cursor.append(", ") }
      cursor.append(name.rawName)
      advance(to: cursor)
    }
    append("\r\n")
  }
}
