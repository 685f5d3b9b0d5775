internal import CGlibc
internal import Glibc
internal import SystemPackage

extension ChildProcess {
  /// Runs a program to its end: gives it `input`, and returns its status and what it wrote. Parks until then.
  ///
  /// All three streams are served at once, so that neither side waits for the other for ever. When the call throws, at the
  /// deadline or because the fiber was cancelled, the program is killed and reaped; with ``Group/new`` or
  /// ``Group/session``, what it has started too. The outputs end when every process that was given them has closed them:
  /// a program that leaves another running behind it is waited for as long as that holds them. A program that does not
  /// read all its input is not an error.
  ///
  /// - Throws: as ``spawn(_:input:output:error:environment:workingDirectory:group:)``; at the deadline
  ///   ``ChildProcessError/timedOut(program:output:error:)``, which has what was read until then.
  public static func run(
    _ command: [String], input: [UInt8] = [], environment: [String: String]? = nil, workingDirectory: String? = nil,
    group: Group = .inherited, until deadline: Deadline = .never
  ) throws -> (status: ExitStatus, output: [UInt8], error: [UInt8]) {
    let child = try spawn(
      command, input: input.isEmpty ? .null : .pipe, output: .pipe, error: .pipe, environment: environment,
      workingDirectory: workingDirectory, group: group)
    guard let outputPipe = child.standardOutput, let errorPipe = child.standardError else {
      throw Errno.badFileDescriptor
    }
    let (output, error) = (Collector(outputPipe), Collector(errorPipe))
    do {
      try child.exchange(input, output, error, until: deadline)
      return (try child.wait(until: deadline), output.bytes, error.bytes)
    } catch Errno.timedOut {
      child.abandon()
      throw ChildProcessError.timedOut(program: command[0], output: output.bytes, error: error.bytes)
    } catch {
      child.abandon()
      throw error
    }
  }

  private func exchange(_ input: [UInt8], _ output: Collector, _ error: Collector, until deadline: Deadline) throws {
    var written = 0
    try withUnsafeTemporaryAllocation(byteCount: ChildPipe.pieceSize, alignment: 1) { buffer in
      while true {
        if let pipe = standardInput, pipe.descriptor >= 0 { written += try pipe.feed(input[written...]) }
        try output.collect(buffer)
        try error.collect(buffer)
        let waiting = [
          standardInput.flatMap { $0.waiting(.write) }, output.pipe.waiting(.read), error.pipe.waiting(.read),
        ].compactMap { $0 }
        if waiting.isEmpty { return }
        try Readiness.wait(forAny: waiting, until: deadline)
      }
    }
  }
}

/// Reads from a pipe what there is, and closes it at the end.
private final class Collector {
  let pipe: ChildPipe
  private(set) var bytes: [UInt8] = []

  init(_ pipe: ChildPipe) { self.pipe = pipe }

  /// One piece at a time: a program that writes faster than it is read must not starve the other pipes.
  func collect(_ buffer: UnsafeMutableRawBufferPointer) throws {
    guard pipe.descriptor >= 0, let count = try pipe.readAvailable(into: buffer) else { return }
    if count == 0 { pipe.close() } else { bytes.append(contentsOf: buffer[..<count]) }
  }
}

extension ChildPipe {
  /// Writes what there is room for, and closes the pipe when that was all or nobody reads it.
  fileprivate func feed(_ bytes: ArraySlice<UInt8>) throws -> Int {
    do {
      let count = try bytes.withUnsafeBytes { try writeAvailable($0) ?? 0 }
      if count == bytes.count { close() }
      return count
    } catch Errno.brokenPipe {
      close()
      return 0
    }
  }

  fileprivate func waiting(_ direction: Direction) -> pollfd? {
    descriptor < 0 ? nil : pollfd(fd: descriptor, events: direction.pollEvent, revents: 0)
  }
}

extension Readiness {
  /// Waits until one of the descriptors may be ready or has failed. Parks; outside fibers it blocks the thread.
  static func wait(forAny descriptors: [pollfd], until deadline: Deadline) throws {
    guard let (hub, _) = Hub.running else {
      var descriptors = descriptors
      return try descriptors.withUnsafeMutableBufferPointer { try BlockedThread.wait(for: $0, until: deadline) }
    }
    try descriptors.withUnsafeBufferPointer { hub.wait(for: $0, until: deadline) }.check()
  }
}
