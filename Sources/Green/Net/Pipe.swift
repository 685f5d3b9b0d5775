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

/// The streams that a process is given when it starts. They are lent: closing one of these objects leaves the descriptor
/// open.
///
/// Each call makes a new object. Fibers that write at the same time should share one, so that what they write does not
/// mix.
public enum StandardStreams {
  /// Descriptor 0.
  public static func input() -> DescriptorStream { DescriptorStream(adopting: 0, closes: false) }
  /// Descriptor 1.
  public static func output() -> DescriptorStream { DescriptorStream(adopting: 1, closes: false) }
  /// Descriptor 2.
  public static func error() -> DescriptorStream { DescriptorStream(adopting: 2, closes: false) }
}
