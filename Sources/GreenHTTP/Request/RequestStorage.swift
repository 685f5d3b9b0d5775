internal import Synchronization

/// What a ``Request`` refers to: the connection's receive buffer with the request's head in it, where the parts of the
/// head lie, and how much of the body has been read.
///
/// A connection has one and uses it again for its next request, unless the handler kept the request: then the storage is
/// left to the handler, and the connection gets another with the bytes that follow.
final class RequestStorage {
  /// What the request's id was made of; 0 until somebody asks for it. Any thread may.
  let identity = Atomic<UInt64>(0)
  /// Whether it belongs to a connection that waits for a request: the code that it is bound for works for none then. Any
  /// thread may ask.
  let isBetweenRequests = Atomic(false)

  /// The state lies behind a pointer and not in the class, because every access to a class's stored property may cost a
  /// dynamic exclusivity check, and the hot path has dozens.
  ///
  /// Unsafe 1: the memory is the storage's own, from init to deinit.
  /// Unsafe 2: overlapping accesses are not detected. They cannot happen, as no function that is given the state, or
  /// part of it, `inout` calls out to a stream, an observer or a handler.
  let state: UnsafeMutablePointer<RequestState>

  init(buffer: consuming ReceiveBuffer = ReceiveBuffer()) {
    state = .allocate(capacity: 1)
    state.initialize(to: RequestState(buffer: buffer))
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// The head's first byte, empty lines before it included: what the offsets of the head count from.
  var base: UnsafeRawPointer {
    @inline(__always) get { UnsafeRawPointer(state.pointee.buffer.base + state.pointee.buffer.start) }
  }

  /// Some bytes of the head. Valid as long as the storage lives and belongs to this request.
  @inline(__always)
  func bytes(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + offset, count: count)
  }

  /// The value of a field as text: UTF-8, and Latin-1 where it is not that, which loses nothing (RFC 9110, 5.5).
  func fieldText(_ offset: Int, _ count: Int) -> String {
    let bytes = bytes(offset, count)
    return String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// Some bytes of the head as text; what is not UTF-8 becomes U+FFFD.
  func text(_ offset: Int, _ count: Int) -> String { String(decoding: bytes(offset, count), as: UTF8.self) }
}

/// See ``RequestStorage``.
struct RequestState: ~Copyable {
  var buffer: ReceiveBuffer
  var head = RequestHead()
  var headLength = 0
  var body = BodyProgress()
  /// Who reads the body. `nil` once the connection has gone on without the request.
  ///
  /// Unsafe: unmanaged, to cost no reference counting. A connection sets it to `nil` before it lets go of the storage.
  var connection: Unmanaged<HTTPConnection>?
  /// The peer, noted when the connection goes on without the request.
  var remote = ""
  /// Where the body comes from, for a request that came over no connection.
  var source: RequestBody.Source?
  /// ``HTTPLimits/jsonDepth`` of a request that came over no connection.
  var jsonDepth = HTTPLimits().jsonDepth

  init(buffer: consuming ReceiveBuffer) { self.buffer = buffer }
}

/// How much of a body has been read, and whether any more can be.
struct BodyProgress {
  /// The length the head declared.
  var length = 0
  /// How many of those bytes have not been handed out.
  var remaining = 0
  /// How many bytes of the body came with the head, and lie after it.
  var received = 0
  /// How many of the remaining bytes are among the received ones.
  var buffered = 0
  /// Whether the client waits for `100 (Continue)` before it sends the body.
  var awaitsContinue = false
  /// Whether reading has failed; what follows on the connection is then unknown.
  var isBroken = false
  /// What ``RequestBody/bytes()`` has read.
  var collected: [UInt8]?
}
