import CProcess
import Glibc
internal import Green

/// The directory that the server is started in, and the one that it works in.
enum WorkingFolder {
  /// Where the process began, by its name: a link in it may lead to another release later.
  static var start: String { cprocess_image_folder().map { String(cString: $0) } ?? "" }

  /// Where the process is, by the name that the shell has given it.
  static var now: String {
    guard let folder = cprocess_working_folder() else { return "" }
    defer { free(folder) }
    return String(cString: folder)
  }
}

extension Configuration {
  /// Goes to the directory that is set, as often as the settings are read: what a link in its name leads to may have changed.
  func enterFolder(from start: String) throws(ConfigurationError) {
    guard let folder = self.chdir else { return }
    if Glibc.chdir(Self.path(folder, in: start)) != 0 {
      let reason = String(cString: strerror(errno))
      throw complaint(about: ServerSettings.process.chdir, folder, "a directory that cannot be entered: \(reason)")
    }
  }
}
