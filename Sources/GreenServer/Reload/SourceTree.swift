import Glibc
import Green

/// The files of a package of which its program is built, and others that it reads.
struct SourceTree {
  /// Where Package.swift is.
  let package: String
  /// Files beside it, by their paths.
  let extraFiles: [String]

  struct Look: Equatable {
    /// What shows that a file is another than it was, by its path.
    var files: [String: FileStatus] = [:]
    /// The folders in which there may be others.
    var folders: [String] = []

    fileprivate mutating func note(_ path: String) {
      let status = FileStatus.current(of: path)
      // A folder that is linked, a socket: of what cannot be looked at, a change is seen too.
      if case .present(let attributes) = status, attributes.mode & S_IFMT != S_IFREG { return }
      if status != .missing { files[path] = status }
    }

    /// The paths of files that are others than before, new or gone, in their order.
    func changes(since before: Look) -> [String] {
      let gone = before.files.keys.filter { files[$0] == nil }
      return (files.filter { before.files[$0.key] != $0.value }.keys + gone).sorted()
    }

    /// When the last of these files was written, since 1970; `nil` where all are gone.
    func lastWritten(of paths: [String]) -> Duration? {
      paths.compactMap { path in
        if case .present(let attributes) = files[path] { attributes.modified } else { nil }
      }.max()
    }
  }

  /// Beyond this nobody's sources go: a folder that is linked into itself, or the root of a disk.
  private static let mostFiles = 20_000
  private static let deepest = 32
  private static let suffixes: Set<Substring> = [
    "swift", "c", "h", "cc", "cpp", "hpp", "m", "mm", "s", "S", "modulemap",
  ]

  /// Looks at all files. Blocks for some milliseconds, or as long as the disk takes.
  func look() -> Look {
    var look = Look()
    look.folders.append(package)
    visit(package, isOfSources: false, depth: 0, &look)
    for path in ["Package.swift", "Package.resolved"].map({ "\(package)/\($0)" }) + extraFiles {
      look.note(path)
    }
    return look
  }

  /// - Parameter isOfSources: whether all files count: what lies in `Sources` may be a resource, elsewhere it may be a log.
  private func visit(_ folder: String, isOfSources: Bool, depth: Int, _ look: inout Look) {
    guard depth < Self.deepest, let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while look.files.count < Self.mostFiles, let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      // Hidden ones are of tools: .build, .git, the traces of an editor.
      if name.hasPrefix(".") || name.hasSuffix("~") { continue }
      let path = "\(folder)/\(name)"
      var status = stat()
      // A folder that is linked may be one above.
      guard lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        look.folders.append(path)
        visit(path, isOfSources: isOfSources || depth == 0 && name == "Sources", depth: depth + 1, &look)
      } else if isOfSources || name.split(separator: ".").last.map(Self.suffixes.contains) ?? false {
        look.note(path)
      }
    }
  }
}
