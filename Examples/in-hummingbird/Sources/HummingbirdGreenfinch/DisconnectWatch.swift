internal import Glibc
internal import NIOCore

/// Tells when the client goes away while its request is answered. Hummingbird itself does so only for a handler that gives
/// up the request's body and the connection for it (`consumeWithCancellationOnInboundClose`).
///
/// A client that ends its sending direction alone, and still waits for the answer, is taken for gone, as Go's `net/http`
/// and Hummingbird do. A client that goes while NIO waits for the handler to read its body is noticed when that is read.
struct DisconnectWatch {
  private let channel: any Channel
  private let handler: DisconnectHandler

  init(_ channel: any Channel, _ disconnected: @escaping @Sendable () -> Void) {
    self.channel = channel
    handler = DisconnectHandler(disconnected)
    // It fails where the channel has been closed.
    channel.pipeline.addHandler(handler, position: .first).whenFailure { _ in disconnected() }
  }

  func end() { channel.pipeline.removeHandler(handler, promise: nil) }
}

private final class DisconnectHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = NIOAny
  private let disconnected: @Sendable () -> Void

  init(_ disconnected: @escaping @Sendable () -> Void) { self.disconnected = disconnected }

  func handlerAdded(context: ChannelHandlerContext) {
    if !context.channel.isActive { return disconnected() }
    // What the pipeline was told before is not told again, but the kernel knows. Sockets other than TCP's do not answer.
    (context.channel as? any SocketOptionProvider)?.getTCPInfo().whenSuccess { [disconnected] info in
      if info.tcpi_state == TCP_CLOSE_WAIT { disconnected() }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    disconnected()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed { disconnected() }
    context.fireUserInboundEventTriggered(event)
  }
}
