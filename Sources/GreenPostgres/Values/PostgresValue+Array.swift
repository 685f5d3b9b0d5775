/// An array; one of `UInt8` is bytes, `bytea`.
extension Array: PostgresValue where Element: PostgresValue {
  public static var postgresType: UInt32 {
    Element.self == UInt8.self ? PostgresType.bytea : PostgresType.array(of: Element.postgresType)
  }

  public var postgresParameter: PostgresParameter {
    get throws {
      if let bytes = self as? [UInt8] { return .binary(bytes) }
      return .text("{" + (try map { ArrayText.element(try $0.postgresParameter) }).joined(separator: ",") + "}")
    }
  }

  public init(postgres field: PostgresField) throws {
    if Element.self == UInt8.self, let bytes = try field.binary() as? [Element] {
      self = bytes
      return
    }
    guard let elements = ArrayText.elements(try field.text()) else { throw field.mismatch([Element].self) }
    self = try elements.map { try Element(postgres: field.element($0)) }
  }
}

/// The text of arrays of one dimension: PostgreSQL's documentation, 8.15.6.
enum ArrayText {
  static func element(_ parameter: PostgresParameter) -> String {
    switch parameter {
    case .null: "NULL"
    case .text(let text): quoted(text)
    case .binary(let bytes): quoted("\\x" + hexadecimal(bytes))
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }

  /// The elements, `nil` for NULL; `nil` altogether where it is not the text of such an array.
  static func elements(_ text: String) -> [String?]? {
    var bytes = text.utf8[...]
    // Bounds that do not begin with 1: `[0:1]={…}`.
    if bytes.first == UInt8(ascii: "["), let start = bytes.firstIndex(of: UInt8(ascii: "=")) {
      bytes = bytes[start...].dropFirst()
    }
    guard bytes.popFirst() == UInt8(ascii: "{") else { return nil }
    if bytes.elementsEqual("}".utf8) { return [] }
    var elements: [String?] = []
    while true {
      guard let element = nextElement(&bytes) else { return nil }
      elements.append(element)
      switch bytes.popFirst() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "}"): return bytes.isEmpty ? elements : nil
      default: return nil
      }
    }
  }

  private static func nextElement(_ bytes: inout Substring.UTF8View) -> String?? {
    var element: [UInt8] = []
    if bytes.first == UInt8(ascii: "\"") {
      bytes.removeFirst()
      while let byte = bytes.popFirst(), byte != UInt8(ascii: "\"") {
        if byte != UInt8(ascii: "\\") {
          element.append(byte)
        } else if let escaped = bytes.popFirst() {
          element.append(escaped)
        }
      }
      return String(decoding: element, as: UTF8.self)
    }
    while let byte = bytes.first, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") {
      // An array in an array.
      if byte == UInt8(ascii: "{") { return nil }
      bytes.removeFirst()
      element.append(byte)
    }
    let text = String(decoding: element, as: UTF8.self)
    return text == "NULL" ? .some(nil) : text
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
