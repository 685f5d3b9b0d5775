internal import Green
public import GreenHTTP

extension HTTP2Provider {
  /// HTTP/2 by nghttp2: `app.run { $0.http2 = .nghttp2 }`, `HTTPClient(tls: .openSSL, http2: .nghttp2)`.
  public static let nghttp2 = HTTP2Provider(NGHTTP2Service())
}

private struct NGHTTP2Service: HTTP2Service {
  func serve(
    _ stream: any ByteStream, received: UnsafeRawBufferPointer, application: any Application,
    configuration: HTTPConfiguration, observer: (any HTTPConnectionObserver)?
  ) -> ServingOutcome {
    let connection = HTTP2Connection(
      stream: stream, application: application, configuration: configuration, observer: observer)
    return connection?.serve(received: received) ?? .ended
  }

  func open(
    _ stream: any ByteStream, over socket: Socket, limits: HTTPLimits, patience: Duration
  ) -> (any HTTP2ClientSession)? {
    ClientConnection(stream, over: socket, limits, patience: patience)
  }
}
