internal import Foundation

/// A program that a test runs: one of the package's executables, or one of the system's.
public struct Program {
  public let path: String

  /// An executable by its path, or of this package by its name: in the folder named by `GREENFINCH_PROGRAMS`, else beside the tests themselves.
  public init(_ name: String) {
    let folder =
      ProcessInfo.processInfo.environment["GREENFINCH_PROGRAMS"]
      ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    path = name.hasPrefix("/") ? name : folder + "/" + name
  }

  /// An executable of the system, `/usr/bin/NAME`.
  public init(system name: String) { path = "/usr/bin/" + name }

  public struct Outcome {
    /// The exit status; a process that ended by a signal has its number plus 128.
    public let status: Int32
    public let output: String
    public let errors: String
  }

  /// Runs the program to its end.
  public func run(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // Both are drained at once: a full pipe would stop the program.
    nonisolated(unsafe) var errorBytes = Data()
    let drained = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      errorBytes = errors.fileHandleForReading.readDataToEndOfFile()
      drained.signal()
    }
    let outputBytes = output.fileHandleForReading.readDataToEndOfFile()
    drained.wait()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .uncaughtSignal
        ? process.terminationStatus + 128 : process.terminationStatus,
      output: String(decoding: outputBytes, as: UTF8.self), errors: String(decoding: errorBytes, as: UTF8.self))
  }
}
