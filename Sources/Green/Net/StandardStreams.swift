internal import CGlibc
internal import SystemPackage

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
