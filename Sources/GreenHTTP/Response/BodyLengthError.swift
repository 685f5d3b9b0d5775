/// A streamed body was not as long as it said.
public struct BodyLengthError: Error, Equatable, CustomStringConvertible {
  /// The length that was announced, and how many bytes were written.
  public let stated: Int
  public let written: Int

  public var description: String { "the body has \(written) bytes, where \(stated) were announced" }
}
