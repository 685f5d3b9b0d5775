/// A file that goes with a mail.
public struct MailAttachment: Sendable, Hashable {
  /// What it is called.
  public var filename: String
  /// Its media type.
  public var contentType: String
  /// What is in it.
  public var bytes: [UInt8]

  /// A file.
  public init(_ filename: String, contentType: String = "application/octet-stream", _ bytes: [UInt8]) {
    self.filename = filename
    self.contentType = contentType
    self.bytes = bytes
  }
}
