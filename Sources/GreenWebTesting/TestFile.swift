internal import GreenHTTP

/// A file that a form sends.
public struct TestFile: Sendable {
  private let field: String
  private let name: String
  private let type: String
  private let content: [UInt8]

  /// A file of a form's field.
  public init(_ field: String, named name: String, type: String = "application/octet-stream", _ content: [UInt8]) {
    self.field = field
    self.name = name
    self.type = type
    self.content = content
  }

  /// As browsers escape names: the HTML standard, 4.10.22.8.
  static func escaped(_ name: String) -> String {
    name.pieces(between: "\"").joined(separator: "%22")
      .pieces(between: "\r").joined(separator: "%0D")
      .pieces(between: "\n").joined(separator: "%0A")
  }

  func part(_ boundary: String) -> [UInt8] {
    let head = """
      --\(boundary)\r
      Content-Disposition: form-data; name="\(Self.escaped(field))"; filename="\(Self.escaped(name))"\r
      Content-Type: \(type)\r
      \r

      """
    return Array(head.utf8) + content + Array("\r\n".utf8)
  }
}
