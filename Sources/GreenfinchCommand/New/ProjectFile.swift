import Glibc

/// A file of a new project.
struct ProjectFile {
  let path: String
  let text: String

  /// A folder of the project.
  ///
  /// - Throws: ``NewProjectError`` where it is there already, or cannot be made.
  static func makeFolder(_ path: String) throws(NewProjectError) {
    guard mkdir(path, 0o777) == 0 else {
      throw NewProjectError("the folder '\(path)' cannot be made: \(String(cString: strerror(errno)))")
    }
  }

  /// Writes it, with the folders that it lies in.
  func write(in folder: String) throws(NewProjectError) {
    var inner = folder
    for part in path.split(separator: "/").dropLast() {
      inner += "/\(part)"
      var status = stat()
      if stat(inner, &status) != 0 { try Self.makeFolder(inner) }
    }
    let whole = "\(folder)/\(path)"
    guard let file = fopen(whole, "wxe") else { throw Self.fault(whole) }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten else { throw Self.fault(whole) }
  }

  private static func fault(_ path: String) -> NewProjectError {
    NewProjectError("'\(path)' cannot be written: \(String(cString: strerror(errno)))")
  }
}
