internal import Glibc
internal import SystemPackage

/// A file that a form has sent: in memory while it is short, else in a temporary file without a name, which goes with
/// the last copy of this.
public struct Upload: Sendable {
  /// The name of the form's field.
  public let field: String
  /// What the client calls it, without folders. It may be anything, and be called as a file that is there already.
  public let filename: String
  /// What the client says that it is. It may be something else.
  public let contentType: String
  private let content: Content

  enum Content: Sendable {
    case memory([UInt8])
    case file(TemporaryFile)
  }

  init(field: String, filename: String, contentType: String, content: Content) {
    self.field = field
    self.filename = filename
    self.contentType = contentType
    self.content = content
  }

  /// The length in bytes.
  public var size: Int {
    switch content {
    case .memory(let bytes): bytes.count
    case .file(let file): file.count
    }
  }

  /// All of it.
  ///
  /// - Throws: `Errno`, as `pread(2)`.
  public func bytes() throws -> [UInt8] { try read(upTo: size) }

  /// At most so many bytes from a place on; none at its end.
  ///
  /// - Throws: `Errno`, as `pread(2)`.
  public func read(upTo count: Int = 65_536, at offset: Int = 0) throws -> [UInt8] {
    switch content {
    case .memory(let bytes): Array(bytes.dropFirst(offset).prefix(max(0, count)))
    case .file(let file): try file.read(upTo: count, at: max(0, offset))
    }
  }

  /// Writes it to a file, in the place of one that is there: `open(2)`, mode 0644 less the umask. The path is the
  /// program's to choose: one that is made of ``filename`` is chosen by the client.
  ///
  /// - Throws: `Errno`. Then there may be a part of it.
  public func save(to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    let file = FileDescriptor(rawValue: descriptor)
    try file.closeAfter {
      var offset = 0
      while case let piece = try read(at: offset), !piece.isEmpty {
        try file.writeAll(piece)
        offset += piece.count
      }
    }
  }
}
