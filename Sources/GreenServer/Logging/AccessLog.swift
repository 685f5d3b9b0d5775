import Glibc
import SystemPackage

/// The file that the access log is written to, each line with one `write(2)`.
struct AccessLog: Sendable {
  private let descriptor: CInt

  /// Opens the destination for appending. Throws `Errno`.
  init(_ destination: AccessLogDestination) throws {
    switch destination {
    case .standardOutput: descriptor = STDOUT_FILENO
    case .file(let path):
      descriptor = try systemCall { open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644) }
    }
  }

  func write(_ line: AccessLogLine) { writeAll(line.format(time: .now), to: descriptor) }
}
