import Glibc
import Green
import SystemPackage

/// The file that the master's process number is in, as gunicorn has it.
struct PidFile: Equatable {
  private(set) var path: String
  /// The process that wrote it.
  private let pid: pid_t

  /// Writes the file in one step: a reader sees the old one or the new one. Throws ``PidFileError`` where another server's is
  /// there, or where it cannot be written.
  init(creating name: String) throws(PidFileError) {
    let path = Self.wholeName(name)
    self.path = path
    pid = getpid()
    if let other = Self.process(in: path), other != pid, Self.isRunning(other) { throw .isRunning(name, other) }
    do throws(Errno) {
      try write()
    } catch {
      throw .failed(name, error)
    }
  }

  /// With the folder that the process is in: it may be in another by the time it removes the file.
  static func wholeName(_ name: String) -> String {
    Configuration.path(name, in: name.hasPrefix("/") ? "" : WorkingFolder.now)
  }

  /// Gives the file another name, as while another master takes over.
  mutating func move(to path: String) throws(Errno) {
    _ = try systemCall { rename(self.path, path) }
    self.path = path
  }

  /// Removes the file, if the number in it is this process's.
  func remove() {
    if pid == getpid(), Self.process(in: path) == pid { unlink(path) }
  }

  private func write() throws(Errno) {
    let draft = "\(path).\(pid)"
    let file = try systemCall { open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644) }
    writeAll("\(pid)\n", to: file)
    // Whatever the umask: it is no secret.
    fchmod(file, 0o644)
    close(file)
    do throws(Errno) {
      _ = try systemCall { rename(draft, path) }
    } catch {
      unlink(draft)
      throw error
    }
  }

  /// The number in a file; `nil` where there is none.
  static func process(in path: String) -> pid_t? {
    guard let bytes = try? contents(of: path), bytes.count <= 32 else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return pid_t(text.filter { !$0.isWhitespace }).flatMap { $0 > 0 ? $0 : nil }
  }

  /// Whether a process is there, and may be a server of this program. Numbers are given out again, above all in containers
  /// after a restart: one that is another program by now has not written the file.
  private static func isRunning(_ pid: pid_t) -> Bool {
    if kill(pid, 0) != 0 && errno == ESRCH { return false }
    guard let other = program(of: "\(pid)"), let own = program(of: "self") else { return true }
    return other == own
  }

  /// The name of a process's program, without its folder; `nil` where it may not be known.
  private static func program(of process: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes { bytes in
      readlink(
        "/proc/\(process)/exe", bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    if count <= 0 { return nil }
    // As the kernel writes it of a program whose file was replaced.
    let path = String(decoding: bytes[..<count], as: UTF8.self)
    let file = path.hasSuffix(" (deleted)") ? path.dropLast(" (deleted)".count) : path[...]
    return file.split(separator: "/").last.map(String.init)
  }
}

/// Why a server has no file for its number. Its description is one sentence.
enum PidFileError: Error, Equatable, CustomStringConvertible {
  case isRunning(String, pid_t)
  case failed(String, Errno)

  var description: String {
    switch self {
    case .isRunning(let path, let pid):
      "--pid is '\(path)', where process \(pid) is, which runs: stop it, or remove the file if it is another server's."
    case .failed(let path, let reason): "--pid is '\(path)', which cannot be written: \(reason)."
    }
  }
}
