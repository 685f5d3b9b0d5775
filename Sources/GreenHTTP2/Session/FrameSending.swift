internal import Green
internal import GreenHTTP

/// An end of a connection, a server's or a client's, that sends what its session has to say: without a wait as far as that goes,
/// and else in a fiber of its own.
protocol FrameSending: AnyObject {
  var stream: any ByteStream { get }
  var session: Session! { get }
  var output: HTTP2Output { get }
  /// How fast the peer must take what is sent.
  var sendPace: Pace { get }
  /// The peer takes nothing any more.
  func broke()
}
