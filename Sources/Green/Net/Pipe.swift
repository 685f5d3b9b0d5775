internal import CGlibc
internal import SystemPackage

/// A pipe: what is written at one end is read at the other. See `pipe(7)`.
///
/// Both descriptors are closed on exec, and neither is non-blocking: given to a child process they behave as a program
/// expects.
public struct Pipe {
  /// The end to read from.
  public let reading: DescriptorStream
  /// The end to write to.
  public let writing: DescriptorStream

  /// Makes a pipe.
  ///
  /// - Throws: `Errno.tooManyOpenFiles` and the like, see `pipe(2)`.
  public init() throws {
    let ends = try twoDescriptors { cglibc_pipe($0) }
    reading = DescriptorStream(adopting: ends.0)
    writing = DescriptorStream(adopting: ends.1)
  }
}
