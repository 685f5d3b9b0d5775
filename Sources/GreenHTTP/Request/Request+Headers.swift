public import HTTPTypes

extension Request {
  /// The value of a field, without making any other; `nil` when it is missing. Several values are joined by `", "`,
  /// those of `Cookie` by `"; "`. A value that is not UTF-8 is taken for Latin-1.
  public func header(_ name: HTTPField.Name) -> String? {
    var canonical = name.canonicalName
    return canonical.withUTF8 { value(of: $0, separator: name == .cookie ? "; " : ", ") }
  }

  /// The value of the field with this name in lower case.
  func value(of wanted: UnsafeBufferPointer<UInt8>, separator: String) -> String? {
    guard let wantedBase = UnsafeRawPointer(wanted.baseAddress) else { return nil }
    var result: String?
    for index in 0..<storage.state.pointee.head.fields.count {
      let field = storage.state.pointee.head.fields[index]
      guard Int(field.nameLength) == wanted.count,
        matchesIgnoringCase(storage.base + Int(field.name), wantedBase, count: wanted.count)
      else { continue }
      let value = storage.fieldText(Int(field.value), Int(field.valueLength))
      result = result.map { $0 + separator + value } ?? value
    }
    return result
  }

  /// All fields in the order sent, looked up by name in any case. Made anew each time it is asked for. A value that is not
  /// UTF-8 is taken for Latin-1, as by ``header(_:)``.
  public var headers: HTTPFields { HTTPFields(storage.state.pointee.head.fields, at: storage.base) }

  /// All fields in the order sent, names as sent. Made anew each time it is asked for.
  public var rawHeaders: [(name: String, value: String)] {
    (0..<storage.state.pointee.head.fields.count).map { index in
      let field = storage.state.pointee.head.fields[index]
      return (
        storage.text(Int(field.name), Int(field.nameLength)),
        storage.fieldText(Int(field.value), Int(field.valueLength))
      )
    }
  }
}

extension HTTPFields {
  /// The fields of a table, whose offsets count from `base`.
  init(_ table: borrowing FieldTable, at base: UnsafeRawPointer) {
    self.init()
    reserveCapacity(table.count)
    for index in 0..<table.count {
      let field = table[index]
      let rawName = UnsafeRawBufferPointer(start: base + Int(field.name), count: Int(field.nameLength))
      guard let name = HTTPField.Name(String(decoding: rawName, as: UTF8.self)) else { continue }
      let value = UnsafeRawBufferPointer(start: base + Int(field.value), count: Int(field.valueLength))
      if String(validating: value, as: UTF8.self) != nil {
        append(HTTPField(name: name, lenientValue: value))
      } else {
        append(HTTPField(name: name, lenientValue: Array(String(fieldValue: value).utf8)))
      }
    }
  }
}

extension String {
  /// The value of a field as text: UTF-8, and Latin-1 where it is not that, which loses nothing (RFC 9110, 5.5).
  init(fieldValue bytes: UnsafeRawBufferPointer) {
    self =
      String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
