internal import Green
internal import SystemPackage

extension HTTPConnection {
  /// Waits for a whole head. False when the connection has ended, or the request was refused and must end it.
  ///
  /// Two deadlines apply: until the first byte that of an idle connection, which then just ends, and from the first byte
  /// to the last that of a head, which is answered.
  @inline(__always)
  func receiveHead(into storage: RequestStorage) -> Bool {
    let state = storage.state
    let deadline: Deadline
    if state.pointee.buffer.bytes.isEmpty {
      observer?.becameIdle()
      deadline = awaitRequest(storage)
    } else {
      // A request that came together with the one before.
      let isIdle = Self.isBlank(state.pointee.buffer.bytes)
      if isIdle { observer?.becameIdle() }
      if let done = parseHead(storage) { return done }
      // Only a part of the next request has come.
      if !output.bytes.isEmpty { do { try flush() } catch { return false } }
      if !isIdle { return receiveRestOfHead(into: storage, until: .coarselyAfter(nanoseconds: headNanoseconds)) }
      deadline = .coarselyAfter(nanoseconds: idleNanoseconds)
    }

    while true {
      do {
        guard try receiveMore(into: state, until: deadline) else { return false }
      } catch {
        return headFailed(error, isIdle: true, storage)
      }
      let begins = !Self.isBlank(state.pointee.buffer.bytes)
      if begins { observer?.becameBusy() }
      if let done = parseHead(storage) { return done }
      if begins { return receiveRestOfHead(into: storage, until: .coarselyAfter(nanoseconds: headNanoseconds)) }
    }
  }

  /// The same where a part of it has come: most do at once.
  @inline(never)
  private func receiveRestOfHead(into storage: RequestStorage, until deadline: Deadline) -> Bool {
    let state = storage.state
    observer?.awaitsRestOfHead()
    defer { observer?.endsWaitForHead() }
    while true {
      do {
        guard try receiveMore(into: state, until: deadline) else { return false }
      } catch {
        return headFailed(error, isIdle: false, storage)
      }
      if let done = parseHead(storage) { return done }
    }
  }

  /// Receives some bytes of a head; false at the end of the stream.
  @inline(__always)
  private func receiveMore(into state: UnsafeMutablePointer<RequestState>, until deadline: Deadline) throws -> Bool {
    state.pointee.buffer.makeRoom()
    let count = try stream.receive(into: state.pointee.buffer.free, until: deadline)
    if count > 0 { state.pointee.buffer.received(count) }
    return count > 0
  }

  /// Gives the buffers back and waits until there is something to receive, where the stream can be waited for. Returns
  /// the deadline of the idle connection.
  @inline(__always)
  private func awaitRequest(_ storage: RequestStorage) -> Deadline {
    guard let waitable else { return .coarselyAfter(nanoseconds: idleNanoseconds) }
    storage.state.pointee.buffer.giveBack()
    storage.state.pointee.head.fields.giveBack()
    output.giveBack()
    let rest = Deadline.coarselyAfter(nanoseconds: min(idleNanoseconds, IdleWait.restTime))
    let deadline = Deadline(nanoseconds: rest.nanoseconds + max(0, idleNanoseconds - IdleWait.restTime))
    IdleWait.wait(for: waitable, rest: rest, until: deadline)
    return deadline
  }

  /// Whether no more than a few empty lines have come: some clients send one after a body (RFC 9112, 2.2), and have not
  /// begun a request with it.
  @inline(__always)
  private static func isBlank(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.first == 0x0d && bytes.count <= 16 && bytes.indices.allSatisfy { bytes[$0] == ($0 % 2 == 0 ? 0x0d : 0x0a) }
  }

  /// Answers a head that has begun and did not come in time. Always false.
  @inline(never)
  private func headFailed(_ error: any Error, isIdle: Bool, _ storage: RequestStorage) -> Bool {
    if let error = error as? Errno, error == .timedOut || error == .canceled {
      ending = .byServer
      // One whose wait was ended has kept a place for too long that others wait for.
      if !isIdle { refuse(.headTimeout, storage) }
    }
    return false
  }

  /// Whether a head is there (true), must be refused (false), or needs more bytes (nil).
  @inline(__always)
  private func parseHead(_ storage: RequestStorage) -> Bool? {
    let state = storage.state
    switch exchange.pointee.parser.parse(state.pointee.buffer.bytes, into: &state.pointee.head, limits: limits) {
    case .incomplete: return nil
    case .bad(let fault):
      refuse(fault, storage)
      return false
    case .complete(let length):
      if let fault = exchange.pointee.parser.fault(version: state.pointee.head.version, limits: limits) {
        refuse(fault, storage)
        return false
      }
      if exchange.pointee.parser.notices.contains(.forwarding), let fault = noteForwarding(storage) {
        refuse(fault, storage)
        return false
      }
      let body = IncomingBody(
        after: exchange.pointee.parser, state.pointee.head.version,
        following: state.pointee.buffer.bytes.count - length)
      exchange.pointee.headLength = length
      exchange.pointee.body = body
      state.pointee.body.begin(length: body.isChunked ? nil : body.length)
      if body.remaining > 0 && !begin(body, storage) { return false }
      // A request is given its own time, whatever those before it on the connection have used.
      bodyPace.begin()
      sendPace.begin()
      return true
    }
  }

  /// Begins the body of a request, unless it is longer than it may be. False where it is, and has been refused.
  @inline(never)
  private func begin(_ body: IncomingBody, _ storage: RequestStorage) -> Bool {
    let limit = application.bodyLimit(for: Request(storage)) ?? limits.body
    if limit > 0 && body.length > limit {
      refuse(.bodyTooLong, storage)
      return false
    }
    if body.isChunked { beginChunks(storage, limit: limit) }
    return true
  }
}
