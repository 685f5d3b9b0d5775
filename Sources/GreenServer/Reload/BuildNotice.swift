import Glibc
import Green

/// Why the sources do not build, told by the master to its workers in a file, for ``BuildPage``. Empty while they do.
final class BuildNotice: Sendable {
  /// In the environment of workers: where the file is.
  static let variable = "GREENFINCH_BUILD_NOTICE"
  /// The file of this process; "" where it has none.
  private static let own = Mutex("")

  private let path: String

  /// `nil` where no file can be made: nobody is shown anything then.
  init?() {
    guard let (descriptor, path) = try? TemporaryPath.makeFile("greenfinch-build") else { return nil }
    close(descriptor)
    self.path = path
    Self.own.withLock { $0 = path }
  }

  /// What the environment of a worker has for it.
  static var assignment: String? { own.withLock { $0.isEmpty ? nil : "\(variable)=\($0)" } }

  /// Tells of complaints; none where the program is built.
  func tell(_ complaints: [String]) {
    let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard file >= 0 else { return }
    writeAll(complaints.joined(separator: "\n"), to: file)
    close(file)
  }

  func remove() { unlink(path) }
}
