public import SystemPackage

/// What can go wrong with a child process.
public enum ChildProcessError: Error, Equatable, CustomStringConvertible {
  /// The program was not started, and nothing of it has run. `Errno.noSuchFileOrDirectory` at ``Step/program`` is a
  /// missing program, or the missing interpreter of a script; `Errno.argListTooLong` is too much of arguments and
  /// environment; `Errno.tooManyOpenFiles` at ``Step/process`` or ``Step/streams`` means that no descriptor is left.
  case notStarted(program: String, at: Step, Errno)
  /// A program, argument, directory or variable holds a NUL byte, which C cannot pass on; or a variable's name is empty
  /// or holds `=`.
  case unusable(String)
  /// The process has ended, but its status went to somebody else: another part of the program waited for any child, or
  /// `SIGCHLD` is ignored.
  case statusLost(Int32)
  /// The child belongs to the process that this one was forked from.
  case childOfAnother(Int32)
  /// Only what was started in a group of its own can be signalled as a group.
  case noGroup(Int32)
  /// ``ChildProcess/run(_:input:environment:workingDirectory:group:until:)`` came to its deadline, and has killed the
  /// program, which had written this until then.
  case timedOut(program: String, output: [UInt8], error: [UInt8])

  /// What was being done for the new process.
  public enum Step: Sendable {
    /// Its descriptors or the process itself were being made.
    case process
    /// It was being put into a group or a session of its own.
    case group
    /// It was going to its working directory.
    case workingDirectory
    /// It was taking up its standard streams.
    case streams
    /// It was becoming its program.
    case program
  }

  public var description: String {
    switch self {
    case .notStarted(let program, let step, let error): "cannot start \"\(program)\"\(step.phrase): \(error)"
    case .unusable(let text):
      "\(text.debugDescription) cannot be given to a program as its name, an argument, a folder or a variable"
    case .statusLost(let pid):
      "the status of process \(pid) is lost: somebody else waited for it, or SIGCHLD is ignored"
    case .childOfAnother(let pid): "process \(pid) is a child of the process that this one was forked from"
    case .noGroup(let pid):
      "process \(pid) was not started in a group of its own: spawn it with group: .new or .session"
    case .timedOut(let program, let output, let error):
      "\(program.debugDescription) was killed at its deadline, with \(output.count) bytes of output and "
        + "\(error.count) of errors read"
    }
  }
}

extension ChildProcessError.Step {
  fileprivate var phrase: String {
    switch self {
    case .process: ", making the process"
    case .group: ", making its group"
    case .workingDirectory: ", going to its working directory"
    case .streams: ", giving it its streams"
    case .program: ""
    }
  }
}
