public import GreenHTTP

/// A table as comma-separated values (RFC 4180), sent as `text/csv; charset=utf-8; header=present`.
///
/// ```swift
/// CSV(["id", "title"], notes.map { ["\($0.id)", $0.title] })
/// ```
///
/// What has a comma, a quote or a line break is put in quotes, and so is what has blanks at its ends.
public struct CSV: ResponseConvertible, Sendable, Hashable {
  static let mediaType = "text/csv; charset=utf-8; header=present"

  /// The names of the columns.
  public let header: [String]
  /// The rows, each with its values in the order of the columns.
  public let rows: [[String]]
  private let isForSpreadsheets: Bool

  /// A table.
  ///
  /// - Parameters:
  ///   - header: the names of the columns.
  ///   - rows: the values.
  ///   - isForSpreadsheets: whether values that begin with `=`, `+`, `-`, `@`, in their wide forms too and after blanks, a
  ///     tab or a line break get a `'` in front, and those with a semicolon or a tab stand in quotes, so that no spreadsheet
  ///     takes what somebody has written into a form for a formula, and runs it. Programs would read the `'` too.
  public init(_ header: [String], _ rows: [[String]], isForSpreadsheets: Bool = false) {
    self.header = header
    self.rows = rows
    self.isForSpreadsheets = isForSpreadsheets
  }

  /// The table as it is sent, with a line break after each line.
  public var text: String {
    var text = ""
    for row in [header] + rows {
      // A line without anything would be none: one empty value is written out.
      text += row == [""] ? "\"\"" : row.map(field).joined(separator: ",")
      text += "\r\n"
    }
    return text
  }

  private func field(_ value: String) -> String {
    let value = isForSpreadsheets && Self.beginsFormula(value) ? "'" + value : value
    let bytes = value.utf8
    // In some languages a spreadsheet's separators are these.
    let special: [UInt8] = [0x22, 0x2c, 0x0a, 0x0d] + (isForSpreadsheets ? [0x3b, 0x09] : [])
    let isPlain = bytes.first != 0x20 && bytes.last != 0x20 && !bytes.contains { special.contains($0) }
    if isPlain { return value }
    // By bytes: a quote and a mark that combines with it are another character than a quote.
    var quoted: [UInt8] = [0x22]
    for byte in bytes { quoted += byte == 0x22 ? [0x22, 0x22] : [byte] }
    return String(decoding: quoted + [0x22], as: UTF8.self)
  }

  private static func beginsFormula(_ value: String) -> Bool {
    value.unicodeScalars.first { $0 != " " }.map("=+-@\t\r\n＝＋－＠".unicodeScalars.contains) ?? false
  }

  public func response(for request: Request) -> Response {
    Response(contentType: Self.mediaType, body: .string(text))
  }
}
