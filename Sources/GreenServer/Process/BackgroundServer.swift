import CProcess
import Glibc
import Green
import SystemPackage

/// A server in the background, `--daemon`: the command that is typed starts the program once more in a session of its own, and
/// ends when that one serves, or has ended.
///
/// Not by fork(2), as daemons are usually made: a program may have threads by now, which a child would not have.
enum BackgroundServer {
  /// The socket on which this process says that it serves; -1 where nobody waits for it.
  private static let answer = Mutex<CInt>(-1)
  private static let nothing = Mutex<CInt>(-1)

  /// What becomes of the workers' standard streams; -1 for the master's.
  static var workerStreams: CInt { nothing.withLock { $0 } }

  /// Starts the server and waits until it serves. Returns the command's exit status; `nil` in the process that is to be the
  /// server.
  static func begin(_ configuration: Configuration) -> CInt? {
    if takeOrder() {
      if !configuration.keepsStandardStreams { nothing.withLock { $0 = open("/dev/null", O_RDWR | O_CLOEXEC) } }
      return nil
    }
    if !ActivatedSockets.own.entries.isEmpty {
      writeAll("Error: --daemon is on, but systemd has opened the sockets: leave it to systemd.\n", to: STDERR_FILENO)
      return 1
    }
    do {
      return try start(keeping: configuration.inheritedDescriptors)
    } catch {
      writeAll("Error: the server cannot be started in the background: \(error).\n", to: STDERR_FILENO)
      return 1
    }
  }

  private static func start(keeping descriptors: [CInt]) throws -> CInt {
    var ends: [CInt] = [-1, -1]
    // Glibc's module has no pipe2.
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    _ = try systemCall { socketpair(AF_UNIX, kind, 0, &ends) }
    defer { close(ends[0]) }
    let variable = "\(CPROCESS_DAEMON_VARIABLE)=\(getpid()):\(ends[1])"
    let pid: pid_t
    do {
      defer { close(ends[1]) }
      // Where this one began, whose settings may name another folder from there.
      pid = try ProcessStart(
        variables: [variable], inherited: [ends[1]] + descriptors, outlives: true, isApart: true
      ).run()
    }
    var byte: UInt8 = 0
    if try systemCall({ read(ends[0], &byte, 1) }) == 1 { return 0 }
    var status: CInt = 0
    _ = try systemCall { waitpid(pid, &status, 0) }
    if case .exited(let code) = Ending(waitStatus: status) { return code }
    return 1
  }

  /// Whether the parent of this process is such a command. The variable is taken out of the environment.
  private static func takeOrder() -> Bool {
    guard let value = getenv(CPROCESS_DAEMON_VARIABLE) else { return false }
    let fields = String(cString: value).split(separator: ":")
    unsetenv(CPROCESS_DAEMON_VARIABLE)
    guard fields.count == 2, pid_t(fields[0]) == getppid(), let descriptor = CInt(fields[1]), descriptor >= 3,
      fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
    else { return false }
    answer.withLock { $0 = descriptor }
    return true
  }

  /// The server serves: whoever waits for it has his answer, and the terminal is left alone from now on.
  static func reportServing() {
    let descriptor = answer.withLock { answer in
      defer { answer = -1 }
      return answer
    }
    if descriptor < 0 { return }
    let nothing = workerStreams
    let last = ErrorLog.capturesOutput ? STDIN_FILENO : STDERR_FILENO
    if nothing >= 0 { for stream in STDIN_FILENO...last { dup2(nothing, stream) } }
    var byte: UInt8 = 1
    _ = write(descriptor, &byte, 1)
    close(descriptor)
  }
}

extension Configuration {
  /// Those that are addresses.
  fileprivate var inheritedDescriptors: [CInt] {
    self.bind.compactMap { address in
      if case .descriptor(let descriptor) = address { descriptor } else { nil }
    }
  }
}
