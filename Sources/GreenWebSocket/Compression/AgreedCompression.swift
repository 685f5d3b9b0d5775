/// What both sides have agreed on for compressed messages.
struct AgreedCompression: Equatable {
  var compression: WebSocketCompression
  /// Whether what is sent, and what is received, refers to earlier messages.
  var sendsWithContext: Bool
  var receivesWithContext: Bool
  /// The logarithm of each direction's window.
  var sendWindow = 15
  var receiveWindow = 15
}
