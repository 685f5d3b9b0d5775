internal import CaseSupport
internal import Foundation

/// A program that a test runs: one of the package's executables, or one of the system's.
public struct Program {
  public let path: String

  /// An executable by its path, or of this package by its name: in the folder named by `GREENFINCH_PROGRAMS`, else
  /// beside the tests themselves.
  public init(_ name: String) {
    let folder =
      ProcessInfo.processInfo.environment["GREENFINCH_PROGRAMS"]
      ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    path = name.hasPrefix("/") ? name : folder + "/" + name
  }

  /// An executable of the system, `/usr/bin/NAME`.
  public init(system name: String) { path = "/usr/bin/" + name }

  public struct Outcome: Sendable {
    /// The exit status; a process that ended by a signal has its number plus 128.
    public let status: Int32
    public let output: String
    public let errors: String
    /// How long it ran.
    public let seconds: Double
  }

  /// Runs the program to its end, or for four minutes at most, ten where a sanitizer slows it: a run of tests is given
  /// more in which nothing happens.
  ///
  /// What it writes goes to files, not through pipes: a pipe ends only when everybody who was given it has ended, and a
  /// crash reporter may outlive the program.
  public func run(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (try TemporaryFile(), try TemporaryFile())
    (process.standardOutput, process.standardError) = (output.handle, errors.handle)
    process.standardInput = FileHandle.nullDevice
    let begin = ProcessInfo.processInfo.systemUptime
    try start(process)
    // Counted: what a machine adds that stands still for a while is not the program's.
    let most = Sanitizer.current == nil ? 48_000 : 120_000
    for _ in 0..<most where process.isRunning { usleep(5000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .uncaughtSignal
        ? process.terminationStatus + 128 : process.terminationStatus,
      output: try output.text(), errors: try errors.text(), seconds: ProcessInfo.processInfo.systemUptime - begin)
  }
}

/// Starts it with no signal blocked. It inherits the calling thread's mask, and Dispatch's threads block nearly all: gdb,
/// for one, would wait for its SIGCHLD for ever.
private func start(_ process: Process) throws {
  var (none, before) = (sigset_t(), sigset_t())
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  try process.run()
}

/// A file without a name, gone with the object.
private final class TemporaryFile {
  let handle: FileHandle

  init() throws {
    var name = Array("/tmp/greenfinch-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw Failure(description: "no file in /tmp: \(String(cString: strerror(errno)))") }
    unlink(name)
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func text() throws -> String {
    try handle.seek(toOffset: 0)
    return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
  }
}
