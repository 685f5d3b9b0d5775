internal import GreenHTTP

/// What nghttp2 tells while it takes received bytes. Nothing here waits.
extension HTTP2Connection {
  // MARK: Frames

  func frameBegins(_ frame: FrameHead) {
    nuisance.frame(of: frame.length)
    // A request is looked at when its head is whole.
    let isBare = frame.type != FrameHead.headers && (frame.type != FrameHead.data || frame.length == 0)
    if isBare { nuisance.bareFrame() }
    if nuisance.isTooMuch { giveUp("too many frames that bring nothing") }
  }

  func received(_ frame: FrameHead, isHead: Bool) {
    switch frame.type {
    case FrameHead.headers:
      clock.headEnded()
      if isHead { beginRequest(frame) } else { endTrailers() }
    case FrameHead.data: if frame.endsStream { streams[frame.stream]?.bodyEnded() }
    default: break
    }
  }

  func receivedInvalid(_ frame: FrameHead, _ fault: SessionFault) {
    if frame.type == FrameHead.headers {
      clock.headEnded()
      incomingHead = nil
      nuisance.lostRequest()
    }
    if case .final = ending { return }
    refused(complaint.isEmpty ? fault.description : complaint)
    complaint = ""
  }

  /// Ends the connection with a client that means no good.
  func giveUp(_ reason: String) {
    if case .final = ending { return }
    ending = .final
    refused(reason)
    session.terminate(.enhanceYourCalm)
  }

  // MARK: Fields

  func beganFields(of id: Int32, isHead: Bool) -> EventOutcome {
    if isHead {
      becameBusy()
      assembly.begin()
      incomingHead = .request(id)
    } else {
      guard let stream = streams[id] else { return .resetsStream }
      incomingHead = .trailers(IncomingTrailers(stream))
    }
    clock.headBegan()
    return .goesOn
  }

  func received(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> EventOutcome {
    switch incomingHead {
    case .request(let id):
      assembly.add(name: name, value: value)
      guard assembly.isHopeless else { return .goesOn }
      nuisance.lostRequest()
      session.reset(id, .enhanceYourCalm)
      return .resetsStream
    case .trailers(let trailers): trailers.add(name, value, limits)
    case nil: break
    }
    return .goesOn
  }

  func receivedInvalidField(of id: Int32) {
    clock.headEnded()
    incomingHead = nil
    nuisance.lostRequest()
    refused("a field is not one")
    session.reset(id, .protocolError)
  }

  private func endTrailers() {
    guard case .trailers(let trailers) = incomingHead else { return }
    incomingHead = nil
    trailers.stream.bodyEnded(trailers: trailers)
  }

  // MARK: Requests

  private func beginRequest(_ frame: FrameHead) {
    guard case .request(let id) = incomingHead, id == frame.stream else { return }
    incomingHead = nil
    // Handlers of requests that were taken back may still be running: nobody gets more of them that way.
    guard handlers.running < configuration.concurrentStreams else { return session.reset(id, .refusedStream) }
    let stream = HTTP2Stream(id, self)
    stream.begin(assembly.finish(endsMessage: frame.endsStream, origin: stream))
  }

  // MARK: Bodies

  func received(_ bytes: UnsafeRawBufferPointer, of id: Int32) {
    if bytes.count >= Nuisance.leastContent { nuisance.content() }
    guard let stream = streams[id] else { return session.consume(id, bytes.count) }
    stream.received(bytes)
  }

  // MARK: Ends

  func sent(_ frame: FrameHead) {
    if frame.type == FrameHead.data && frame.length >= Nuisance.leastContent { nuisance.content() }
    if frame.endsStream { streams[frame.stream]?.answerSent() }
  }

  func closed(_ id: Int32) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    stream.closed()
  }
}
