internal import Glibc

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
    guard line > 0, path.hasSuffix(".swift") || path.hasSuffix(".c"), let text = Self.contents(of: path) else {
      return nil
    }
    let all = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard line <= all.count else { return nil }
    let numbers = max(1, line - margin)...min(all.count, line + margin)
    lines = numbers.map { Line(number: $0, text: String(all[$0 - 1]), isMarked: $0 == line) }
  }

  /// Longer files are not looked at.
  private static let mostBytes = 4 << 20

  private static func contents(of path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 {
      bytes += piece[..<count]
      if bytes.count > mostBytes { return nil }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
