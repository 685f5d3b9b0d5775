import Foundation

/// What requests for ``path`` wait for, at the tests' own programs: they last as long as the test wants them to, however
/// slow the machine is.
final class Gate {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What to ask for; the log tells when such a request has begun.
  var path: String { "/until\(folder.path)/open" }

  /// Lets all go that wait, and those that come later.
  func open() { _ = FileManager.default.createFile(atPath: folder.path + "/open", contents: nil) }
}
