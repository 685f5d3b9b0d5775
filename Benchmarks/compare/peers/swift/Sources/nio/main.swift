import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers `/` after half a second, and everything else at once, from the event loop.
final class Hello: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private var isSlow = false
  private var keepsAlive = true
  private let head: HTTPHeaders = ["content-type": "text/plain; charset=utf-8", "content-length": "12"]

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      isSlow = head.uri == "/"
      keepsAlive = head.isKeepAlive
    case .body: break
    case .end:
      guard isSlow else { return answer(context) }
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: .milliseconds(500)) { bound.value.0.answer(bound.value.1) }
    }
  }

  private func answer(_ context: ChannelHandlerContext) {
    let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: self.head)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(staticString: "Hello World!")))), promise: nil)
    let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepsAlive {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      sent.whenComplete { _ in bound.value.close(promise: nil) }
    }
  }
}

let port = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 8080
let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
  .serverChannelOption(.backlog, value: 4096)
  .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
  .childChannelInitializer { channel in
    channel.pipeline.configureHTTPServerPipeline(withErrorHandling: true).flatMapThrowing {
      try channel.pipeline.syncOperations.addHandler(Hello())
    }
  }
  .bind(host: "127.0.0.1", port: port).get()
try await server.closeFuture.get()
