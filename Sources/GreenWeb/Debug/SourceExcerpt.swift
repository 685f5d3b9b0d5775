internal import Green
internal import GreenHTTP

/// Some lines of a source file.
struct SourceExcerpt {
  struct Line {
    let number: Int
    let text: String
    let isMarked: Bool
  }

  let lines: [Line]

  /// The lines around one; `nil` where the file is not there, or is another.
  ///
  /// - Parameter margin: how many lines on either side.
  init?(of path: String, line: Int, margin: Int = 5) {
    guard line > 0, path.hasSuffix(".swift") || path.hasSuffix(".c"),
      let bytes = try? contents(ofFile: path, upTo: Self.mostBytes)
    else { return nil }
    let all = String(decoding: bytes, as: UTF8.self).lines
    guard line <= all.count else { return nil }
    let numbers = max(1, line - margin)...min(all.count, line + margin)
    lines = numbers.map { Line(number: $0, text: String(all[$0 - 1]), isMarked: $0 == line) }
  }

  /// Longer files are not looked at.
  private static let mostBytes = 4 << 20
}
