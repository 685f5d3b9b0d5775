import CProcess
import Glibc
import Green
import SystemPackage

/// What a log is written to.
enum LogTarget: Sendable, Equatable {
  /// A descriptor that the process was started with.
  case inherited(CInt)
  /// A file, to whose end lines are added.
  case file(String)

  /// The descriptor to write to. Never waits: a FIFO that nobody reads is an error. `owner` is whom the workers become, where
  /// root opens it for them.
  fileprivate func open(for owner: FileOwner?) throws(LogOpeningFault) -> CInt {
    switch self {
    case .inherited(let descriptor): return descriptor
    case .file(let path):
      if let owner { return try SharedLogFile(path: path, owner: owner).open() }
      do throws(Errno) {
        return try systemCall { Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644) }
      } catch {
        throw .system(error)
      }
    }
  }

  /// Opens it and closes it, for a master that is about to start workers: a file that is missing is made, and given to the user
  /// whom they become. `option` is the one that names it.
  func check(_ option: String, owner: FileOwner?) throws(LogFault) {
    guard case .file(let path) = self else { return }
    do throws(LogOpeningFault) {
      close(try open(for: owner))
    } catch {
      throw LogFault(option, path, "cannot be opened: \(error)")
    }
  }
}

/// A log that is open for writing, which can be opened again under its name once its file has been moved away.
final class OpenLog: Sendable {
  private let target: LogTarget
  private let owner: FileOwner?
  private let descriptor: CInt
  private let file: LogFile

  /// `option` is the one that names the target, and `owner` whom workers become for whom root opens it.
  init(_ target: LogTarget, option: String, owner: FileOwner?) throws(LogFault) {
    self.target = target
    self.owner = owner
    do throws(LogOpeningFault) {
      descriptor = try target.open(for: owner)
    } catch {
      guard case .file(let path) = target else { throw LogFault(option, "-", "cannot be written: \(error)") }
      throw LogFault(option, path, "cannot be opened: \(error)")
    }
    file = LogFile(descriptor)
  }

  /// Writes a line, which has its end; false where it was lost.
  func write(_ line: String) -> Bool { file.write(line) }

  /// Has the standard output and error of the process end here: what is printed.
  func takeOutput() { for stream in [STDOUT_FILENO, STDERR_FILENO] { dup2(descriptor, stream) } }

  /// Whether the last line could be written.
  var isWorking: Bool { file.isWorking }

  /// Lines that were lost since it was last asked.
  func takeLost() -> Int { file.takeLost() }

  /// The lines that follow go to a new file. Any thread may write meanwhile. Returns what went wrong.
  func reopen() -> String? {
    guard case .file(let path) = target else { return nil }
    do {
      let fresh = try target.open(for: owner)
      defer { close(fresh) }
      _ = try systemCall { cprocess_log_replace(descriptor, fresh) }
      return nil
    } catch {
      return "'\(LogText.escaped(path))' cannot be opened again: \(error)"
    }
  }
}

/// Why a log cannot be had. Its description is for the person.
struct LogFault: Error, CustomStringConvertible {
  private let option: String
  private let value: String
  private let reason: String

  init(_ option: String, _ value: String, _ reason: String) {
    self.option = option
    self.value = value
    self.reason = reason
  }

  var description: String { "\(option) '\(LogText.escaped(value))' \(reason)" }
}
