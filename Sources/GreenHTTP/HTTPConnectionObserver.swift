public import HTTPTypes

/// What a server wants to know of its connections, and what it has to say to them.
///
/// Every method is called by the fiber or thread that serves the connection and has an empty default. None may park.
public protocol HTTPConnectionObserver: AnyObject {
  /// Whether the answer now made shall be the connection's last: it then says `Connection: close`. Asked once a
  /// request, after the handler.
  var shouldClose: Bool { get }
  /// Whether the server stops, and begins nothing that lasts: a change of protocols is answered with `503` then.
  var isStopping: Bool { get }
  /// Whether ``requestFinished(_:response:bodyBytes:duration:)`` is wanted. Asked once a request; no clock is read for
  /// it otherwise.
  var wantsAccess: Bool { get }

  /// The connection now waits for the first byte of a request. The server may end the wait: the stream's `receive` then throws
  /// `Errno.canceled`, and the connection ends.
  func becameIdle()
  /// The connection has received the first byte of a request.
  func becameBusy()
  /// A part of a head has come, and the connection waits for the rest. The server may end the wait, as that of an idle
  /// connection: the head is answered with `408` then.
  func awaitsRestOfHead()
  /// The rest has come, whatever it is worth, or the wait has ended otherwise.
  func endsWaitForHead()
  /// The handler is called next. `line` is the method and the target as sent, `GET /path`, valid during the call only.
  func requestStarted(_ request: Request, line: UnsafeRawBufferPointer)
  /// The handler threw an error other than ``HTTPError``, or made an answer that cannot be sent: answered with `500`.
  func requestFailed(_ request: Request, _ error: any Error)
  /// The function that makes a streamed body has made a piece of it, has returned or has failed: what is about to be sent is
  /// this process's answer. Also called where a handler has returned and nobody waits for its answer any more.
  func answerGoesOn()
  /// The request has taken longer than ``HTTPConfiguration/requestTimeout``, and so long so far. Its waits have ended where it
  /// is answered by a fiber.
  func requestTimedOut(_ request: Request, after duration: Duration)
  /// The answer has been sent, or broken off: by the client, or since its body could not be made. `bodyBytes` are those sent of
  /// it, 0 for `HEAD`; `duration` begins when the head was complete.
  func requestFinished(_ request: Request, response: Response, bodyBytes: Int, duration: Duration)
  /// The request broke a rule or a limit, and was answered with `status` and so many bytes of body without a handler.
  /// `request` is `nil` where not even its request line is known; of its fields there may be only some.
  func requestRefused(_ request: Request?, status: HTTPResponse.Status, reason: String, bodyBytes: Int)
}

extension HTTPConnectionObserver {
  public var shouldClose: Bool { false }
  public var isStopping: Bool { false }
  public var wantsAccess: Bool { false }
  public func becameIdle() {}
  public func becameBusy() {}
  public func awaitsRestOfHead() {}
  public func endsWaitForHead() {}
  public func requestStarted(_ request: Request, line: UnsafeRawBufferPointer) {}
  public func answerGoesOn() {}
  public func requestTimedOut(_ request: Request, after duration: Duration) {}
  public func requestFailed(_ request: Request, _ error: any Error) {}
  public func requestFinished(_ request: Request, response: Response, bodyBytes: Int, duration: Duration) {}
  public func requestRefused(_ request: Request?, status: HTTPResponse.Status, reason: String, bodyBytes: Int) {}
}
