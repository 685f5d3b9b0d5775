import Foundation
import TestSupport
import Testing

/// The compiler of Swift, with the modules that this package was built to.
enum Compiler {
  private static let programs = URL(fileURLWithPath: Program("").path)
  private static let systemModule = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../.build/checkouts/swift-system/Sources/CSystem/include").standardized.path

  static var canImportGreen: Bool {
    [programs.path + "/Modules/Green.swiftmodule", systemModule].allSatisfy {
      FileManager.default.fileExists(atPath: $0)
    }
  }

  /// Compiles `source` and expects an error in each line that is marked so, and in no other.
  static func expectRefusals(_ source: String, at location: SourceLocation = #_sourceLocation) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "green-\(UUID()).swift")
    defer { try? FileManager.default.removeItem(at: file) }
    let whole =
      "import Green\nfinal class Box { var number = 0 }\nstruct Shelf { var box = Box() }\n" + source + "\n"
    try Data(whole.utf8).write(to: file)
    let run = try Program(system: "env").run(
      ["swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6"] + (try modules) + [file.path])
    let marked = whole.split(separator: "\n").enumerated().filter { $1.hasSuffix("// refused") }.map { $0.offset + 1 }
    let refused = run.errors.split(separator: "\n").compactMap { line -> Int? in
      guard line.hasPrefix(file.path), line.contains(": error:") else { return nil }
      return Int(line.dropFirst(file.path.count + 1).prefix { $0 != ":" })
    }
    #expect(refused.sorted() == marked, "\(run.errors)", sourceLocation: location)
    #expect((run.status == 0) == marked.isEmpty, "\(run.errors)", sourceLocation: location)
  }

  private static var modules: [String] {
    get throws {
      let maps = try FileManager.default.contentsOfDirectory(atPath: programs.path)
        .filter { $0.hasSuffix(".build") }.map { programs.path + "/\($0)/module.modulemap" }
        .filter { FileManager.default.fileExists(atPath: $0) }
      return ["-I", programs.path + "/Modules", "-I", systemModule]
        + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
    }
  }
}
