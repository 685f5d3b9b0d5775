internal import Green
internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// A connection that speaks HTTP/1.1: one request at a time.
///
/// Unsafe as `Sendable`: the pool gives it to one request, and its content to one reader, at a time.
final class HTTP1Connection: ClientConnection, @unchecked Sendable {
  let stream: ClientStream
  private let socket: Socket
  private let reader: ResponseReader
  private let configuration: HTTPClientConfiguration
  /// Whether the server lets it go on after the present answer.
  private var isKept = true
  /// The fiber that sends the body of the present request, where there is one.
  private var sending: UploadFiber?
  /// Whether anything has come since the present request began.
  private var hasBeenAnswered = false
  private var interimResponses = 0
  /// How many interim answers may come before one answer.
  private static let mostInterimResponses = 32

  /// - Parameter socket: what is below the stream.
  init(_ stream: ClientStream, _ socket: Socket, _ configuration: HTTPClientConfiguration) {
    self.stream = stream
    self.socket = socket
    self.configuration = configuration
    reader = ResponseReader(limits: configuration.headLimits)
  }

  let capacity = 1
  let survivesFailures = false

  /// Whether it can have another request after the present answer: all of this one has been sent.
  var keepsAlive: Bool { isKept && sending?.hasSent ?? true }

  /// What comes unasked is no answer to the next request, whoever sends it.
  var isUsable: Bool { keepsAlive && reader.isEmpty && !stream.hasUnread && !stream.peerHasEnded }

  /// Whether all that has been received has been read.
  var hasNothingUnread: Bool { reader.isEmpty }

  func close() {
    sending?.giveUp()
    // It tells the peer, where it is encrypted.
    if stream.isEncrypted { stream.finishSending() }
    socket.close()
  }

  // MARK: A request

  func exchange(_ request: OutgoingRequest, _ timing: Timing) throws -> IncomingAnswer {
    (isKept, sending, hasBeenAnswered, interimResponses) = (false, nil, false, 0)
    let upload = Upload(self, request, timing)
    let head: ResponseHead
    do {
      head =
        UploadFiber.isWorthwhile(for: request.body.stream == nil ? request.body.count : nil)
        ? try receiveHead(request, while: upload, timing) : try upload.send() ?? receiveHead(request, timing)
    } catch let error where !hasBeenAnswered && error.isLossOfConnection {
      throw Unanswered(error: error)
    }
    isKept = head.keepsAlive && (sending != nil || upload.isComplete) && !request.closes
    reader.beginBody(of: head, isAnswerToHead: request.method == .head)
    if reader.hasEnded { finishSending(timing) }
    return IncomingAnswer(
      status: head.status, version: head.version, fields: head.fields, content: HTTP1Content(self, reader))
  }

  /// Sends the request in a fiber of its own, and waits for the head meanwhile.
  private func receiveHead(_ request: OutgoingRequest, while upload: Upload, _ timing: Timing) throws -> ResponseHead {
    if let early = try upload.awaitLeave() { return early }
    let socket = socket
    let sending = UploadFiber(
      { try upload.sendApart() }, isNone: { $0.isLossOfConnection }, onFailure: { socket.cancelReceive() })
    self.sending = sending
    do {
      let head = try receiveHead(request, timing)
      // The rest is of no use to the server. It may have had all of it.
      if head.status.code >= 300 { sending.giveUp(after: .milliseconds(10)) }
      return head
    } catch {
      sending.giveUp()
      throw error
    }
  }

  /// The answer has been read to its end: waits for the end of the request, which the server may still take.
  func finishSending(_ timing: Timing) { sending?.wait(timing) }

  /// What went wrong with the request while its answer is received; `nil` for nothing.
  var sendingFailure: (any Error)? { sending?.failure }

  // MARK: Heads

  /// Waits for the head of the answer itself.
  func receiveHead(_ request: OutgoingRequest, _ timing: Timing) throws -> ResponseHead {
    while true {
      let head = try receiveAnyHead(until: timing.next, timing)
      if try !pass(head, of: request) { return head }
    }
  }

  /// The head of an answer, if all of it has come. Neither parks nor blocks.
  func headIfThere(of request: OutgoingRequest, _ timing: Timing) throws -> ResponseHead? {
    guard stream.hasUnread || !reader.isEmpty else { return nil }
    while true {
      if let head = try takeHead() {
        if try !pass(head, of: request) { return head }
        continue
      }
      do {
        if try receive(until: .now) == 0 { return nil }
      } catch Errno.timedOut {
        return nil
      }
    }
  }

  /// Waits for leave to send the body (RFC 9110, 10.1.1), for a while. Returns an answer that came instead.
  func awaitLeave(_ request: OutgoingRequest, _ timing: Timing) throws -> ResponseHead? {
    let patience = timing.within(configuration.continueTimeout)
    do {
      while true {
        let head = try receiveAnyHead(until: patience, timing)
        if head.status == .continue { return nil }
        if try !pass(head, of: request) { return head }
      }
    } catch HTTPClientError.timedOut(.response) where timing.deadline > patience {
      return nil
    }
  }

  /// - Parameter first: until when its first byte must have come. Then the rest has the time of any progress, all of it.
  private func receiveAnyHead(until first: Deadline, _ timing: Timing) throws -> ResponseHead {
    var deadline = first
    var hasBegun = !reader.isEmpty
    while true {
      if let head = try takeHead() { return head }
      do {
        if try receive(until: deadline) == 0 {
          throw reader.isEmpty && !hasBeenAnswered
            ? HTTPClientError.connectionClosed : .malformedResponse("the connection ended inside its head")
        }
      } catch Errno.timedOut {
        // Its time begins when the request has been sent.
        deadline = sending?.patience(timing) ?? deadline
        if deadline.hasPassed { throw HTTPClientError.timedOut(.response) }
      }
      if !hasBegun { deadline = timing.next }
      hasBegun = true
    }
  }

  private func takeHead() throws -> ResponseHead? {
    do {
      return try reader.takeHead()
    } catch {
      throw HTTPClientError(error)
    }
  }

  private func receive(until deadline: Deadline) throws -> Int {
    do {
      let count = try reader.receive { try stream.receive(into: $0, until: deadline) }
      if count > 0 { hasBeenAnswered = true }
      return count
    } catch Errno.canceled {
      throw sendingFailure ?? Errno.canceled
    }
  }

  /// Passes an interim answer on (RFC 9110, 15.2). False where it is none.
  private func pass(_ head: ResponseHead, of request: OutgoingRequest) throws -> Bool {
    guard head.isInterim else { return false }
    interimResponses += 1
    if head.status.code == 101 { throw HTTPClientError.malformedResponse("it goes on with another protocol, unasked") }
    if interimResponses > Self.mostInterimResponses {
      throw HTTPClientError.malformedResponse("more than \(Self.mostInterimResponses) interim answers came before it")
    }
    if head.status.code != 100 {
      request.onInterimResponse?(HTTPResponse(status: head.status, headerFields: head.fields))
    }
    return true
  }
}

extension HTTPClientError {
  init(_ fault: ResponseFault) {
    self =
      switch fault {
      case .malformed(let problem): .malformedResponse(problem)
      case .truncated(let received, let length): .truncated(received: received, of: length)
      }
  }
}
