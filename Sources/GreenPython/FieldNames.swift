import CGreenPython
import HTTPTypes
import Synchronization

/// Names of fields that applications send: to make one checks and copies it, and they send the same ones over and over.
enum FieldNames {
  private static let known = Mutex<[String: HTTPField.Name]>([:])
  /// A program that makes up names shall not fill the memory.
  private static let most = 256

  /// The name of a field; `nil` where it cannot be one.
  static func name(_ field: greenpython_field) -> HTTPField.Name? {
    let text = AnswerHead.text(field.name, field.name_length)
    return known.withLock { known in
      if let name = known[text] { return name }
      let name = HTTPField.Name(text)
      if let name, known.count < most { known[text] = name }
      return name
    }
  }
}
