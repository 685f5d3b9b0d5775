internal import Glibc
internal import Green

/// The files of a folder of templates, and those below it.
struct TemplateFolder {
  /// A file as it was when it was looked at.
  struct Stamp: Hashable {
    let path: String
    let inode: UInt
    let size: Int
    let seconds: Int
    let nanoseconds: Int
  }

  let path: String
  private static let end = ".mustache"
  /// How deep folders may lie: a link to a folder above it would have no end.
  private static let mostDepth = 16
  /// The most bytes of a file.
  private static let mostBytes = 16 << 20

  /// The files in order, as they are now. What begins with a dot is left out: editors keep theirs so.
  ///
  /// - Throws: ``TemplateError``.
  func stamps() throws(TemplateError) -> [Stamp] {
    var stamps: [Stamp] = []
    try look(at: path, depth: 0, &stamps)
    return stamps.sorted { $0.path < $1.path }
  }

  private func look(at folder: String, depth: Int, _ stamps: inout [Stamp]) throws(TemplateError) {
    guard depth <= Self.mostDepth else {
      throw TemplateError("\(folder): folders of templates lie up to \(Self.mostDepth) deep")
    }
    let names: [String]
    do { names = try Green.names(inFolder: folder) } catch {
      throw TemplateError("the folder '\(folder)' cannot be read: \(error)")
    }
    for name in names {
      var facts = stat()
      // A file may have gone meanwhile.
      guard stat("\(folder)/\(name)", &facts) == 0 else { continue }
      if facts.st_mode & S_IFMT == S_IFDIR {
        try look(at: "\(folder)/\(name)", depth: depth + 1, &stamps)
      } else if name.hasSuffix(Self.end), name.utf8.count > Self.end.utf8.count {
        stamps.append(
          Stamp(
            path: "\(folder)/\(name)", inode: UInt(facts.st_ino), size: Int(facts.st_size),
            seconds: facts.st_mtim.tv_sec,
            nanoseconds: facts.st_mtim.tv_nsec))
      }
    }
  }

  /// Reads the files.
  func sources(_ stamps: [Stamp]) throws(TemplateError) -> [TemplateSource] {
    var sources: [TemplateSource] = []
    for stamp in stamps {
      var name = String(stamp.path.dropFirst(path.count + 1).dropLast(Self.end.count))
      if name.hasSuffix(".html") { name.removeLast(5) }
      sources.append(TemplateSource(name: name, path: stamp.path, text: try Self.contents(of: stamp.path)))
    }
    return sources
  }

  private static func contents(of path: String) throws(TemplateError) -> String {
    let bytes: [UInt8]
    do { bytes = try Green.contents(ofFile: path, upTo: mostBytes) } catch {
      throw TemplateError("'\(path)' cannot be read: \(error)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw TemplateError("'\(path)' is not UTF-8") }
    return text
  }
}
