import GreenHTTP
import GreenWebSocket
import HTTPTypes

extension LoopExchange {
  /// Accepts the WebSocket that the request asks for.
  func converse(_ subprotocol: String?, _ fields: HTTPFields) throws -> Response {
    var configuration = WebSocketConfiguration()
    configuration.maximumMessage = LoopConversation.longestMessage
    let names = subprotocol.map { [$0] } ?? []
    let duty = LoopDuty(self)
    var response = try Response.webSocket(
      request, subprotocols: names, origins: .any, configuration: configuration
    ) { socket in
      duty.begin()
      defer {
        self.conversation = nil
        self.ended()
      }
      try self.conversation?.run(socket)
    }
    for field in fields { response.headers.append(field) }
    return response
  }
}
