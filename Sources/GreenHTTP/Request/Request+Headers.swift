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
  public var headers: HTTPFields {
    var headers = HTTPFields()
    let count = storage.state.pointee.head.fields.count
    headers.reserveCapacity(count)
    for index in 0..<count {
      let field = storage.state.pointee.head.fields[index]
      guard let name = HTTPField.Name(storage.text(Int(field.name), Int(field.nameLength))) else { continue }
      let value = storage.bytes(Int(field.value), Int(field.valueLength))
      if String(validating: value, as: UTF8.self) != nil {
        headers.append(HTTPField(name: name, lenientValue: value))
      } else {
        let text = storage.fieldText(Int(field.value), Int(field.valueLength))
        headers.append(HTTPField(name: name, lenientValue: Array(text.utf8)))
      }
    }
    return headers
  }

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
