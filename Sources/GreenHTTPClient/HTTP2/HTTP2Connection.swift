internal import Green
internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// A connection that speaks HTTP/2: several requests at a time, of fibers of one hub.
///
/// Unsafe as `Sendable`: its session is used on its hub alone; what any thread may call is said there.
final class HTTP2Connection: ClientConnection, @unchecked Sendable {
  private let session: any HTTP2ClientSession
  private let stream: ClientStream
  private let socket: Socket
  private static let mostInterimResponses = 32

  init(_ session: any HTTP2ClientSession, _ stream: ClientStream, _ socket: Socket) {
    (self.session, self.stream, self.socket) = (session, stream, socket)
  }

  /// What a server allows less of waits in the session.
  let capacity = 100
  var isUsable: Bool { session.isHere && session.isUsable }
  let survivesFailures = true

  func close() {
    session.close {
      self.stream.finishSending()
      self.socket.close()
    }
  }

  func exchange(_ request: OutgoingRequest, _ timing: Timing) throws -> IncomingAnswer {
    let stream: any HTTP2ClientStream
    do {
      stream = try session.begin(request.message, hasBody: !request.body.isKnownEmpty)
    } catch let fault as HTTP2StreamFault {
      throw fault.whenUnanswered
    }
    var sending: UploadFiber?
    do {
      if !request.body.isKnownEmpty { sending = try begin(request, on: stream, timing) }
      let head = try receiveHead(request, of: stream, sending, timing)
      return IncomingAnswer(
        status: head.status, version: .http2, fields: head.headerFields,
        content: HTTP2Content(stream, session, sending))
    } catch {
      sending?.giveUp()
      stream.cancel()
      throw sending?.failure ?? (error as? HTTP2StreamFault)?.whenUnanswered ?? error
    }
  }

  /// Sends the body; a long one in a fiber of its own, which it returns.
  private func begin(_ request: OutgoingRequest, on stream: any HTTP2ClientStream, _ timing: Timing) throws
    -> UploadFiber?
  {
    guard UploadFiber.isWorthwhile(for: request.body.stream == nil ? request.body.count : nil) else {
      try send(request, on: stream, timing)
      return nil
    }
    // What ends the stream, the answer tells.
    return UploadFiber(
      { try self.send(request, on: stream, timing) }, isNone: { $0 is HTTP2StreamFault },
      onFailure: { stream.cancel() })
  }

  private func send(_ request: OutgoingRequest, on stream: any HTTP2ClientStream, _ timing: Timing) throws {
    do {
      let upload = HTTP2Upload(stream, timing)
      if let body = request.body.stream {
        try stream.end(try body.write(to: upload))
      } else {
        _ = try request.body.withBytes { try upload.write($0) }
        try stream.end([:])
      }
    } catch is HTTP2StreamFault where stream.hasHead {
      // The server has answered, and wants no more of the body.
    }
  }

  private func receiveHead(
    _ request: OutgoingRequest, of stream: any HTTP2ClientStream, _ sending: UploadFiber?, _ timing: Timing
  ) throws -> HTTPResponse {
    for _ in 0...Self.mostInterimResponses {
      let head = try receiveAnyHead(of: stream, sending, timing)
      guard head.status.code < 200 else { return head }
      if head.status.code != 100 { request.onInterimResponse?(head) }
    }
    throw HTTPClientError.malformedResponse("more than \(Self.mostInterimResponses) interim answers came before it")
  }

  private func receiveAnyHead(
    of stream: any HTTP2ClientStream, _ sending: UploadFiber?, _ timing: Timing
  ) throws -> HTTPResponse {
    var deadline = timing.next
    while true {
      do {
        return try stream.head(until: deadline)
      } catch Errno.timedOut {
        // Its time begins when the request has been sent.
        deadline = sending?.patience(timing) ?? deadline
        if deadline.hasPassed { throw HTTPClientError.timedOut(.response) }
      }
    }
  }
}

/// What takes the pieces of a request's body in HTTP/2.
private struct HTTP2Upload: BodyDestination {
  private let stream: any HTTP2ClientStream
  private let timing: Timing

  init(_ stream: any HTTP2ClientStream, _ timing: Timing) { (self.stream, self.timing) = (stream, timing) }

  func write(_ piece: UnsafeRawBufferPointer) throws {
    do {
      try stream.write(piece, until: timing.next)
    } catch Errno.timedOut {
      throw HTTPClientError.timedOut(.sending)
    }
  }

  /// What is written is on its way already.
  func flush() {}
}

extension OutgoingRequest {
  /// The head as HTTP/2 has it.
  fileprivate var message: HTTPRequest {
    var fields = fields
    if let length = body.count, length > 0 || saysEmpty { fields[.contentLength] = "\(length)" }
    return HTTPRequest(method: method, scheme: "https", authority: authority, path: target, headerFields: fields)
  }
}

extension ResponseBody {
  fileprivate var isKnownEmpty: Bool { count == 0 }
}

extension HTTP2StreamFault {
  /// Before a head has come.
  fileprivate var whenUnanswered: any Error {
    switch self {
    case .refused: Unanswered(error: HTTPClientError.connectionClosed, isUnprocessed: true)
    case .lost(let error): Unanswered(error: error ?? HTTPClientError.connectionClosed)
    case .broken(let reason): HTTPClientError.malformedResponse(reason)
    }
  }
}
