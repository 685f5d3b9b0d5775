import Glibc

/// A folder that is there as long as the object, with what a test puts into it.
final class TemporaryFolder {
  let path: String

  init() {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/files-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit { remove(path) }

  /// Writes a file that was last changed an hour ago, and the folders around it.
  func put(_ name: String, _ content: [UInt8], modified: Int = 0) {
    for (index, byte) in name.utf8.enumerated() where byte == UInt8(ascii: "/") {
      mkdir("\(path)/\(String(decoding: name.utf8.prefix(index), as: UTF8.self))", 0o755)
    }
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    content.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        rest = rest.dropFirst(write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count))
      }
    }
    let time = timespec(tv_sec: modified > 0 ? modified : Glibc.time(nil) - 3600, tv_nsec: 0)
    var times = [time, time]
    futimens(file, &times)
    close(file)
  }

  func put(_ name: String, _ text: String, modified: Int = 0) { put(name, Array(text.utf8), modified: modified) }

  private func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(directory)
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
