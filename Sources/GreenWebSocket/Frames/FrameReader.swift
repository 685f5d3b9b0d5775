internal import Green
internal import GreenHTTP
internal import SystemPackage

/// Reads a stream as frames: the bytes that have come, and how far into a frame they go.
final class FrameReader {
  /// What the stream brought next.
  enum Event: Equatable {
    case message(WebSocketMessage)
    case ping([UInt8])
    case pong
    case close(CloseFrame)
    /// The stream has ended.
    case end
  }

  private let stream: any ByteStream
  /// Whether the peer is a client, which masks (RFC 6455, 5.1).
  private let expectsMask: Bool
  private var assembler: MessageAssembler

  private var buffer: UnsafeMutableRawBufferPointer
  /// What of the buffer has come and is not used up.
  private var filled = 0..<0
  /// The frame that has begun, and how much of its payload has been taken.
  private var frame: FrameHead?
  private var taken = 0
  /// Of a control frame.
  private var control: [UInt8] = []
  /// Since when no byte has come, and whether the peer has been asked meanwhile whether it is there.
  private var quietSince = Deadline.now
  private(set) var hasAsked = false

  /// What a connection keeps between two messages, and the most that it reads at once.
  private static let small = 2048
  private static let large = 65_536

  /// - Parameter received: what has come already.
  init(
    _ stream: any ByteStream, received: some Collection<UInt8>, expectsMask: Bool, assembler: MessageAssembler
  ) {
    self.stream = stream
    self.expectsMask = expectsMask
    self.assembler = assembler
    buffer = .allocate(byteCount: max(FrameReader.small, received.count), alignment: 16)
    buffer.copyBytes(from: received)
    filled = 0..<received.count
  }

  deinit {
    buffer.deallocate()
    assembler.end()
  }

  /// The next event. Parks or blocks until it is there.
  ///
  /// - Parameter patience: how long the peer may be silent; zero for as long as it likes.
  /// - Throws: ``WebSocketError`` where the peer breaks the protocol, `Errno.timedOut` when the event has not come by the
  ///   deadline or the peer is silent: the next call goes on where this one was.
  func next(until deadline: Deadline, patience: Duration) throws -> Event {
    var hasReceived = false
    while true {
      if let event = try takeFrame() { return event }
      // A peer that sends on and on is not waited for longer than one that is silent.
      if hasReceived && deadline.hasPassed { throw Errno.timedOut }
      hasReceived = true
      let silence = patience > .zero ? quietSince.advanced(by: patience) : .never
      if try fill(until: min(silence, deadline)) == 0 { return .end }
    }
  }

  /// Notes that the peer has been asked whether it is there, and has its patience again.
  func noteAsked() {
    hasAsked = true
    quietSince = .coarseNow
  }

  /// Takes what has come, up to the end of a message or of a control frame; `nil` when more must come first.
  private func takeFrame() throws(WebSocketError) -> Event? {
    while true {
      if frame == nil {
        guard try takeHead() else { return nil }
      }
      if let head = frame, taken < head.length {
        try takePiece(of: head)
        if taken < head.length { return nil }
      }
      if let event = try endFrame() { return event }
    }
  }

  /// Takes the head of a frame. `false` when it has not come whole.
  private func takeHead() throws(WebSocketError) -> Bool {
    switch FrameHead.parse(UnsafeRawBufferPointer(rebasing: buffer[filled])) {
    case .incomplete: return false
    case .bad(let sentence): throw WebSocketError(.protocolError, sentence)
    case .head(let head, let size):
      guard (head.mask != nil) == expectsMask else {
        throw WebSocketError(
          .protocolError, expectsMask ? "a client's frame is not masked" : "a server's frame is masked")
      }
      if head.opcode.isControl {
        if head.isCompressed { throw WebSocketError(.protocolError, "a control frame has RSV1 set") }
        control.removeAll(keepingCapacity: true)
      } else {
        try assembler.begin(head)
      }
      filled = filled.lowerBound + size..<filled.upperBound
      frame = head
      taken = 0
      return true
    }
  }

  /// Takes what has come of a payload.
  private func takePiece(of head: FrameHead) throws(WebSocketError) {
    let count = min(filled.count, head.length - taken)
    guard count > 0 else { return }
    let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[filled.lowerBound..<filled.lowerBound + count])
    if let mask = head.mask { Masking.apply(mask, to: piece, offset: taken) }
    taken += count
    filled = filled.lowerBound + count..<filled.upperBound
    if head.opcode.isControl {
      control.append(contentsOf: piece)
    } else {
      try assembler.take(UnsafeRawBufferPointer(piece))
    }
  }

  /// Ends a frame whose payload is all there; `nil` when its message goes on.
  private func endFrame() throws(WebSocketError) -> Event? {
    guard let head = frame else { return nil }
    frame = nil
    switch head.opcode {
    case .ping: return .ping(control)
    case .pong: return .pong
    case .close: return .close(try CloseFrame(parsing: control))
    case .continuation, .text, .binary: return head.isFinal ? .message(try assembler.finish()) : nil
    }
  }

  /// Receives once. Returns how many bytes came; 0 at the end of the stream.
  private func fill(until deadline: Deadline) throws -> Int {
    makeRoom()
    let space = UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound...])
    let count = try stream.receive(into: space, until: deadline)
    filled = filled.lowerBound..<filled.upperBound + count
    quietSince = .coarseNow
    hasAsked = false
    return count
  }

  /// Makes the buffer as large as what is expected to come, and moves what is in it to its start.
  private func makeRoom() {
    let expected = frame.map { $0.length - taken } ?? 0
    let size = expected > FrameReader.small ? FrameReader.large : FrameReader.small
    if filled.isEmpty { filled = 0..<0 }
    if buffer.count < size || buffer.count > size && filled.count < size / 2 {
      let other = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
      other.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[filled]))
      buffer.deallocate()
      buffer = other
      filled = 0..<filled.count
    } else if filled.lowerBound > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[filled]))
      filled = 0..<filled.count
    }
  }
}
