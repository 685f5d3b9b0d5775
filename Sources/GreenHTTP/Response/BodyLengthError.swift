/// A streamed body was not as long as it said.
public struct BodyLengthError: Error, Equatable, CustomStringConvertible {
  /// The length that was announced, in bytes.
  public let stated: Int
  /// How many bytes were written, with those that were one piece too many.
  public let written: Int

  public var description: String { "the body has \(written) bytes, where \(stated) were announced" }
}
