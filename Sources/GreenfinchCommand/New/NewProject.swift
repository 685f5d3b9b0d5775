import Glibc
import Greenfinch

/// `greenfinch new NAME`: a project that builds, serves, is tested, and can be deployed.
enum NewProject {
  private static let usage = """
    usage: greenfinch new NAME [--greenfinch ADDRESS]

    Writes a project into the folder NAME: a package with an application, its test, a Dockerfile and a unit for systemd.
    ADDRESS is where Greenfinch is: the address of a git repository, or a folder as seen from here. Unless it is given, it is
    ../greenfinch as seen from the project.

    """

  /// Does what the words after `new` say, and ends the process: with status 0, 1 where that cannot be done, 2 where the
  /// words cannot be read.
  static func run(_ words: [String]) -> Never {
    if words.contains("--help") || words.contains("-h") { end(usage, to: STDOUT_FILENO, status: 0) }
    var folder: String?
    var address: String?
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--greenfinch", let next = rest.popFirst() {
        address = next
      } else if word.hasPrefix("--greenfinch=") {
        address = String(word.dropFirst("--greenfinch=".count))
      } else if folder == nil, !word.hasPrefix("-") {
        folder = word
      } else {
        end("greenfinch new: error: '\(word)' is not known\n\(usage)", to: STDERR_FILENO, status: 2)
      }
    }
    guard let folder else { end(usage, to: STDERR_FILENO, status: 2) }
    do {
      let name = try write(folder, address)
      let text = """
        \(folder) is written. Next:

          cd \(folder)
          swift test
          swift run \(name.program) -k green --reload --debug

        """
      end(text, to: STDOUT_FILENO, status: 0)
    } catch {
      end("Error: \(error)\n", to: STDERR_FILENO, status: 1)
    }
  }

  private static func write(_ folder: String, _ given: String?) throws(NewProjectError) -> ProjectName {
    var folder = folder[...]
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let name = try ProjectName(String(folder.split(separator: "/").last ?? ""))
    let address = try given.map(seenFromAnywhere) ?? "../greenfinch"
    guard !address.isEmpty, !address.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c || $0 == 0x7f })
    else {
      throw NewProjectError("'\(address)' is not an address that Package.swift could name")
    }
    // Nothing that is there is written over.
    try ProjectFile.makeFolder(String(folder))
    for file in ProjectFile.all(name, address: address) { try file.write(in: String(folder)) }
    return name
  }

  /// An address as it is, but a folder's path without what depends on the current directory.
  private static func seenFromAnywhere(_ address: String) throws(NewProjectError) -> String {
    guard ProjectFile.isFolder(address), !address.isEmpty, !address.hasPrefix("/") else { return address }
    guard let path = realpath(address, nil) else {
      throw NewProjectError("the folder '\(address)' cannot be found from here: \(String(cString: strerror(errno)))")
    }
    defer { free(path) }
    return String(cString: path)
  }

  private static func end(_ text: String, to descriptor: CInt, status: CInt) -> Never {
    _ = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
    exit(status)
  }
}
