/// The channel was closed before the element could be sent.
public struct ChannelClosed: Error, Equatable, CustomStringConvertible {
  /// The error of a closed channel.
  public init() {}

  public var description: String { "the channel was closed before the element could be sent" }
}
