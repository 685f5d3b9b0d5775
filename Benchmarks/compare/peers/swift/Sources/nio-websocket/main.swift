import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Sends each message back, from the event loop. Messages of one frame, as the load has them.
final class Echo: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .text, .binary: send(WebSocketFrame(fin: true, opcode: frame.opcode, data: frame.unmaskedData), context)
    case .ping: send(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData), context)
    case .connectionClose: context.close(promise: nil)
    default: break
    }
  }

  private func send(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }
}

/// Answers all that is no WebSocket.
final class Plain: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    let fields: HTTPHeaders = ["content-type": "text/plain; charset=utf-8", "content-length": "12"]
    let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(staticString: "Hello World!")))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

let port = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 8080
let upgrader = NIOWebSocketServerUpgrader(
  shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
  upgradePipelineHandler: { channel, _ in
    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
  })
let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
  .serverChannelOption(.backlog, value: 4096)
  .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
  .childChannelInitializer { channel in
    channel.pipeline.configureHTTPServerPipeline(
      withServerUpgrade: (
        upgraders: [upgrader],
        completionHandler: { context in context.pipeline.removeHandler(name: "plain", promise: nil) }
      )
    ).flatMapThrowing { try channel.pipeline.syncOperations.addHandler(Plain(), name: "plain") }
  }
  .bind(host: "127.0.0.1", port: port).get()
try await server.closeFuture.get()
