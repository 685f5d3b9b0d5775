internal import Glibc
internal import SystemPackage

/// Where temporary files go, and new ones there.
package enum TemporaryPath {
  /// `TMPDIR`, or `/tmp`.
  package static var folder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

  /// Makes an empty file whose name begins so, open for reading and writing, and only for this user. See `mkstemp(3)`.
  ///
  /// - Throws: `Errno`.
  package static func makeFile(_ name: String) throws -> (descriptor: CInt, path: String) {
    var template = Array("\(folder)/\(name)-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return (descriptor, template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) })
  }
}
