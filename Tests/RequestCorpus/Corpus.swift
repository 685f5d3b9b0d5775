internal import Foundation

/// The requests of the folder `requests`, one file for each topic. Its file `README.md` tells the format.
public enum Corpus {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "requests")

  /// The files, without their ending.
  public static let files: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
  }()

  /// The cases of a file. Throws for one that breaks the rules of the format.
  public static func cases(in file: String) throws -> [RequestCase] {
    var reader = CorpusReader(file: file)
    return try reader.read(String(contentsOf: folder.appending(path: file + ".txt"), encoding: .utf8))
  }

  /// Those of all files.
  public static func all() throws -> [RequestCase] { try files.flatMap { try cases(in: $0) } }
}
