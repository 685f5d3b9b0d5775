import CProcess
import Glibc

/// The directory that the server is started in.
enum WorkingFolder {
  /// Where the process was when it was first asked, by its name: a link in it may lead to another release later.
  static let start: String = {
    guard let folder = cprocess_working_folder() else { return "" }
    defer { free(folder) }
    return String(cString: folder)
  }()
}
