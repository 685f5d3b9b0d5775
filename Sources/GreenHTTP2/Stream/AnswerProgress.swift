internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// How far the answer to a request is.
struct AnswerProgress {
  /// Whether its head has been handed to nghttp2: no other can be.
  var isSubmitted = false
  /// Whether it has been sent to its end.
  var isSent = false
  /// Whether the observer has been told of it, sent or broken off.
  var isTold = false
  var status = HTTPResponse.Status.ok
  /// The whole of it, where that is wanted.
  var response: Response?
  /// Whether what is spoken over the stream has been told that the server stops.
  var isTunnelTold = false
  /// Whether another protocol may be spoken over the stream, as the client has asked: RFC 8441.
  var mayOpenTunnel = false
  /// When the handler began, where that is wanted.
  var began = Deadline.never
  /// By when it is to be sent, where there is a time for that.
  var deadline = Deadline.never
  /// Why the server has refused the request, and whether it knows what was asked for.
  var refusal: (reason: String, isRequestKnown: Bool)?
}
