internal import CGlibc
internal import CSpawn
internal import Glibc
internal import SystemPackage

extension ChildProcess {
  /// What a standard stream of a child is.
  public enum Stream: Sendable {
    /// The same as this process's own.
    case inherit
    /// `/dev/null`.
    case null
    /// A descriptor of this process, which stays open here.
    case descriptor(Int32)
    /// A pipe, whose other end is ``standardInput``, ``standardOutput`` or ``standardError``.
    case pipe
    /// For the standard error only: the same as the standard output.
    case output
  }

  /// Which process group a child belongs to: what the terminal's signals and ``killGroup(_:)`` reach.
  public enum Group: Sendable {
    /// This process's.
    case inherited
    /// A new one: `setpgid(2)`.
    case new
    /// A new one in a new session, without a controlling terminal: `setsid(2)`.
    case session
  }

  /// Starts a program. Returns once it runs; does not park, but blocks the thread for the time of the `execve`, which is
  /// commonly under a millisecond.
  ///
  /// The program has no signal blocked or ignored, and of this process's descriptors only the three streams.
  ///
  /// - Parameters:
  ///   - command: the program and its arguments. A program without `/` in its name is searched in the folders of `PATH`:
  ///     of `environment` where that is given, else of this process.
  ///   - input: its standard input.
  ///   - output: its standard output.
  ///   - error: its standard error.
  ///   - environment: all its variables; `nil` for those of this process.
  ///   - workingDirectory: the folder that it starts in; `nil` for that of this process.
  ///   - group: its process group.
  /// - Throws: ``ChildProcessError/notStarted(program:at:_:)``, ``ChildProcessError/unusable(_:)``.
  public static func spawn(
    _ command: [String], input: Stream = .inherit, output: Stream = .inherit, error: Stream = .inherit,
    environment: [String: String]? = nil, workingDirectory: String? = nil, group: Group = .inherited
  ) throws -> ChildProcess {
    ChildReaper.reapEnded()
    guard let program = command.first else { throw ChildProcessError.unusable("") }
    let variables = try environment?.map { name, value in
      if name.isEmpty || name.contains("=") { throw ChildProcessError.unusable(name) }
      return "\(name)=\(value)"
    }
    let programs = try CStrings(search(for: program, environment))
    let arguments = try CStrings(command)
    let environment = try variables.map(CStrings.init)
    let directory = try workingDirectory.map { try CStrings([$0]) }
    let streams = StreamEnds()
    defer { streams.closeTheirs() }

    var request = cspawn_request()
    do throws(Errno) {
      request.streams.0 = try streams.open(input, 0)
      request.streams.1 = try streams.open(output, 1)
      request.streams.2 = try streams.open(error, 2, output: request.streams.1)
    } catch {
      throw ChildProcessError.notStarted(program: program, at: .process, error)
    }
    request.group = CInt(group.number)
    var result = cspawn_result()
    let status = withExtendedLifetime((programs, arguments, environment, directory)) {
      request.programs = UnsafeRawPointer(programs.pointers).assumingMemoryBound(to: UnsafePointer<CChar>?.self)
      request.arguments = .init(arguments.pointers)
      request.environment = environment.map { .init($0.pointers) }
      request.directory = directory.flatMap { .init($0.pointers[0]) }
      return cspawn_start(&request, &result)
    }
    guard status == 0 else {
      throw ChildProcessError.notStarted(
        program: program, at: .init(result.step), Errno(rawValue: result.error))
    }
    return ChildProcess(
      pid: result.pid, descriptor: result.descriptor, hasGroup: group != .inherited, streams.take(0), streams.take(1),
      streams.take(2))
  }

  /// The paths at which a program may be, `execvp(3)`.
  private static func search(for program: String, _ environment: [String: String]?) -> [String] {
    if program.isEmpty || program.contains("/") { return [program] }
    let path = environment.map { $0["PATH"] } ?? getenv("PATH").map { String(cString: $0) }
    return (path ?? "/bin:/usr/bin").split(separator: ":", omittingEmptySubsequences: false).map {
      $0.isEmpty ? program : "\($0)/\(program)"
    }
  }
}

/// The descriptors that are made for a child's streams. What the child takes is closed here once it has it; this side's
/// ends are closed too, unless they are taken.
private final class StreamEnds {
  private var theirs: [CInt] = []
  private var ours: [ChildPipe?] = [nil, nil, nil]

  /// What the child's stream `number` is to be; -1 for this process's own.
  func open(_ stream: ChildProcess.Stream, _ number: Int, output: CInt? = nil) throws(Errno) -> CInt {
    switch stream {
    case .inherit: return -1
    case .null: return keep(try systemCall { Glibc.open("/dev/null", O_RDWR | O_CLOEXEC) })
    case .descriptor(let descriptor):
      // Told here: to the child, a negative number is its own stream.
      guard descriptor >= 0 else { throw .badFileDescriptor }
      return descriptor
    case .pipe:
      var ends: [CInt] = [-1, -1]
      _ = try systemCall { cglibc_pipe(&ends) }
      let (their, our) = number == 0 ? (ends[0], ends[1]) : (ends[1], ends[0])
      ours[number] = ChildPipe(adopting: our)
      return keep(their)
    case .output:
      guard let output else { throw .invalidArgument }
      return output < 0 ? 1 : output
    }
  }

  private func keep(_ descriptor: CInt) -> CInt {
    theirs.append(descriptor)
    return descriptor
  }

  func take(_ number: Int) -> ChildPipe? { ours[number] }

  func closeTheirs() {
    for descriptor in theirs { DescriptorOwners.close(descriptor) }
    theirs = []
  }
}

/// Strings as C wants them: an array of pointers with NULL at the end.
private final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) throws(ChildProcessError) {
    if let odd = strings.first(where: { $0.utf8.contains(0) }) { throw .unusable(odd) }
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    pointers.initialize(repeating: nil, count: count + 1)
    for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
  }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}

extension ChildProcess.Group {
  fileprivate var number: Int {
    switch self {
    case .inherited: CSPAWN_GROUP_INHERITED
    case .new: CSPAWN_GROUP_NEW
    case .session: CSPAWN_GROUP_SESSION
    }
  }
}

extension ChildProcessError.Step {
  fileprivate init(_ step: CInt) {
    switch Int(step) {
    case CSPAWN_AT_GROUP: self = .group
    case CSPAWN_AT_DIRECTORY: self = .workingDirectory
    case CSPAWN_AT_STREAMS: self = .streams
    case CSPAWN_AT_PROGRAM: self = .program
    default: self = .process
    }
  }
}
