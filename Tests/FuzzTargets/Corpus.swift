internal import Foundation

extension FuzzTarget {
  /// Inputs that have been of interest: one for each part of the code that any input has reached, and one for each fault that
  /// was found. In the file `corpus/NAME`, a line of Base64 each.
  public func keptInputs() throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "corpus")
    let text = try String(contentsOf: folder.appending(path: rawValue), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      guard let data = Data(base64Encoded: String(line)) else { throw CocoaError(.fileReadCorruptFile) }
      return Array(data)
    }
  }
}
