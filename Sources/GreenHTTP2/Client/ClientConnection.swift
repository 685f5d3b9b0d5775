internal import CNGHTTP2
internal import Green
internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// One connection to a server that speaks HTTP/2 (RFC 9113), for requests in fibers of one hub.
///
/// It has no fiber of its own, which would outlive those who ask: of those who wait for something, one receives for
/// all, and hands that on when it has what it waits for.
///
/// Unsafe as `Sendable`: used on its hub alone, which ``onHub(_:)`` sees to.
final class ClientConnection: HTTP2ClientSession, FrameSending, @unchecked Sendable {
  let stream: any ByteStream
  private(set) var session: Session!
  let output = HTTP2Output()
  let sendPace: Pace
  let fields = FieldBlock(serverName: "")
  let limits: HTTPLimits
  private(set) var streams: [Int32: ClientStream] = [:]
  /// The fields that are coming.
  private var incoming: IncomingFields?
  private let room = ReceiveRoom()
  /// Whose fiber receives for all.
  private(set) var receiver: ClientStream?
  private var isParked = false
  private let socket: Socket
  private(set) var failure: HTTP2StreamFault?
  /// Whether the server takes no more requests here: RFC 9113, 6.8.
  private var isLeaving = false
  private let door: Hub.Door?

  /// `nil` where there is no memory.
  init?(_ stream: any ByteStream, over socket: Socket, _ limits: HTTPLimits, patience: Duration) {
    (self.stream, self.socket, self.limits) = (stream, socket, limits)
    sendPace = Pace(patience: patience, rate: 0)
    door = Hub.current?.door
    guard let session = Session(client: self, maximumHead: limits.head) else { return nil }
    self.session = session
    sendWhatIsThere()
  }

  var isUsable: Bool {
    takeWhatIsThere()
    return failure == nil && !isLeaving && session.wantsInput && !stream.peerHasEnded
  }

  func begin(_ request: HTTPRequest, hasBody: Bool) throws -> any HTTP2ClientStream {
    if let failure { throw failure }
    let stream = ClientStream(self)
    fields.begin(request)
    let id = session.submit(fields, hasBody ? stream : nil)
    guard id > 0 else { throw HTTP2StreamFault.refused }
    stream.begin(id)
    streams[id] = stream
    sendWhatIsThere()
    return stream
  }

  var isHere: Bool { door?.isHere ?? false }

  /// Does something on the hub, at once or soon. False where that has ended.
  @discardableResult
  func onHub(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard let door, !door.isHere else {
      body()
      return true
    }
    return door.post(body)
  }

  func close(then closed: @escaping @Sendable () -> Void) {
    let isUnderWay = onHub {
      self.session.end()
      self.sendWhatIsThere()
      self.fail(.lost(nil))
      closed()
    }
    if !isUnderWay { closed() }
  }

  /// Nothing comes any more, nor goes.
  func fail(_ fault: HTTP2StreamFault) {
    if failure == nil { failure = fault }
    let all = streams.values
    streams = [:]
    for stream in all { stream.fail(fault) }
  }

  func broke() {
    // Whoever receives waits for nothing more.
    (stream as? any HalfClosableByteStream)?.finishReceiving()
    fail(.lost(nil))
  }

  deinit { room.giveBack() }

  // MARK: Waiting

  /// Waits until something is so that what comes can make so. Parks meanwhile.
  func wait(_ stream: ClientStream, until deadline: Deadline, for isSo: () -> Bool) throws {
    while !isSo() {
      if let failure = stream.failure ?? self.failure { throw failure }
      if receiver != nil {
        try stream.waitForChange(until: deadline)
      } else {
        try receive(for: stream, until: deadline, isSo)
      }
    }
  }

  /// A stream has changed: lets its fiber look, where that receives.
  func interrupt(_ stream: ClientStream) { if isParked && receiver === stream { socket.cancelReceive() } }

  private func receive(for stream: ClientStream, until deadline: Deadline, _ isSo: () -> Bool) throws {
    receiver = stream
    defer {
      receiver = nil
      if streams.isEmpty { room.giveBack() }
      // Another one goes on.
      streams.values.first(where: \.isWaiting)?.changed()
    }
    // A stream may end alone, by the server or since what came of it breaks a rule.
    while !isSo() && failure == nil && stream.failure == nil {
      let count: Int
      do {
        isParked = true
        defer {
          isParked = false
          socket.resumeReceive()
        }
        count = try room.receive(from: self.stream, until: deadline, isIdle: false)
      } catch Errno.canceled {
        // The stream can go on, for another reason than what comes.
        continue
      } catch let error where error is CancellationError || error is TimeoutError || error as? Errno == .timedOut {
        throw error
      } catch {
        return fail(.lost(error))
      }
      if count == 0 { return fail(.lost(nil)) }
      take(UnsafeRawBufferPointer(rebasing: room.bytes[..<count]))
    }
  }

  func take(_ bytes: UnsafeRawBufferPointer) {
    output.isHeldBack = true
    let fault = session.receive(bytes)
    output.isHeldBack = false
    sendWhatIsThere()
    if let fault { return fail(.broken(fault.description)) }
    if !session.wantsInput { fail(.lost(nil)) }
  }
}

/// What nghttp2 tells while it takes received bytes. Nothing here waits.
extension ClientConnection {
  func beganFields(of id: Int32) { incoming = IncomingFields(id, limits) }

  func received(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> EventOutcome {
    guard incoming?.add(name, value) == false, let id = incoming?.stream else { return .goesOn }
    breakOff(id, "its head is too long")
    return .resetsStream
  }

  func receivedInvalidField(of id: Int32) { breakOff(id, "a field is not one") }

  private func breakOff(_ id: Int32, _ reason: String) {
    incoming = nil
    streams[id]?.fail(.broken(reason))
    session.reset(id, .protocolError)
  }

  func received(_ frame: FrameHead) {
    switch frame.type {
    case FrameHead.headers:
      if let incoming, incoming.stream == frame.stream { streams[frame.stream]?.received(incoming) }
      incoming = nil
      if frame.endsStream { streams[frame.stream]?.ended() }
    case FrameHead.data: if frame.endsStream { streams[frame.stream]?.ended() }
    case FrameHead.goAway: isLeaving = true
    // There may be room for what waits to be sent.
    case FrameHead.windowUpdate, FrameHead.settings: submitted()
    default: break
    }
  }

  func received(_ bytes: UnsafeRawBufferPointer, of id: Int32) {
    guard let stream = streams[id] else { return session.consume(id, bytes.count) }
    stream.received(bytes)
  }

  func closed(_ id: Int32, _ code: UInt32) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    stream.closed(code)
  }
}
