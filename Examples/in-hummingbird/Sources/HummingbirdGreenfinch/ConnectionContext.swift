public import Hummingbird
public import NIOCore

/// A context that knows its connection: by it the adapter learns the client's address, its pace, and that it has gone.
public protocol ConnectionRequestContext: RemoteAddressRequestContext {
  var channel: any NIOCore.Channel { get }
}

extension ConnectionRequestContext {
  public var remoteAddress: NIOCore.SocketAddress? { channel.remoteAddress }
}

/// The least context that knows its connection: a `BasicRequestContext` with a channel.
public struct ConnectionContext: ConnectionRequestContext {
  public var coreContext: CoreRequestContextStorage
  public let channel: any NIOCore.Channel

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}
