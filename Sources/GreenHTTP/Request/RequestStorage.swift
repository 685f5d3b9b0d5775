package import HTTPTypes
internal import Synchronization

/// What a ``Request`` refers to: the bytes that its head lies in, where the parts of the head lie, how much of the body has
/// been read, and who made it.
///
/// An HTTP/1 connection has one, whose bytes are what it has received, and uses it again for its next request, unless the
/// handler kept the request: then the storage is left to the handler, and the connection gets another.
///
/// Unsafe: what other threads may use at the same time is the head, which does not change while anybody but the connection
/// holds the storage, and what has a lock or a flag of its own: ``withLock(_:)`` guards the origin and the notes,
/// ``reading(_:)`` the body.
package final class RequestStorage: @unchecked Sendable {
  /// What the request's id was made of; 0 until somebody asks for it. Any thread may.
  let identity = Atomic<UInt64>(0)
  /// Whether it belongs to a connection that waits for a request: the code that it is bound for works for none then. Any
  /// thread may ask.
  let isBetweenRequests = Atomic(false)
  /// Whether somebody reads the body, or looks at what has been read. Any thread may.
  let isBeingRead = Atomic(false)

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

  /// Hands over the fields after the body, which has been read to its end.
  package func setTrailers(_ trailers: HTTPFields) { state.pointee.body.trailers = trailers }

  /// What the offsets of the head count from.
  var base: UnsafeRawPointer {
    @inline(__always) get { UnsafeRawPointer(state.pointee.buffer.base + state.pointee.buffer.start) }
  }

  /// Who brings the body, and knows the way it comes.
  var origin: (any RequestOrigin)? { withLock { state.pointee.origin } }

  /// Calls `body`, which uses what has been read of the body, or reads more of it.
  ///
  /// - Throws: ``BodyInUseError`` where another does so at the same time.
  func reading<Result>(_ body: () throws -> Result) throws -> Result {
    guard isBeingRead.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
      throw BodyInUseError()
    }
    defer { isBeingRead.store(false, ordering: .releasing) }
    return try body()
  }

  /// Some bytes of the head. Valid as long as the storage lives and belongs to this request.
  @inline(__always)
  func bytes(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + offset, count: count)
  }

  /// The value of a field as text.
  func fieldText(_ offset: Int, _ count: Int) -> String { String(fieldValue: bytes(offset, count)) }

  /// Some bytes of the head as text; what is not UTF-8 becomes U+FFFD.
  func text(_ offset: Int, _ count: Int) -> String { String(decoding: bytes(offset, count), as: UTF8.self) }
}

/// See ``RequestStorage``.
struct RequestState: ~Copyable {
  var buffer: ReceiveBuffer
  var head = RequestHead()
  var body = BodyProgress()
  /// Who brings the body. Set by whoever makes the request; a connection gives it up when it goes on without the request.
  var origin: (any RequestOrigin)?
  /// See ``Request/noteFailure()``.
  var hasFailed = false
  /// What is kept with the request; `nil` where nothing is.
  var notes: RequestNotes?
  /// The route that was found for it.
  var route: Unmanaged<RouteLabel>?

  init(buffer: consuming ReceiveBuffer) { self.buffer = buffer }
}

/// How much of a body has been handed out.
struct BodyProgress {
  /// The length that was declared; `nil` where a body may come whose length nobody knows yet.
  var length: Int? = 0
  /// How many bytes are left; `Int.max` where nobody knows.
  var left = 0
  /// What ``RequestBody/bytes()`` has read.
  var collected: [UInt8]?
  /// The fields after the body, once it has been read to its end.
  var trailers: HTTPFields?

  /// Begins the body of another request: most have none, and have collected none.
  @inline(__always)
  mutating func begin(length: Int?) {
    if collected != nil { collected = nil }
    if trailers != nil { trailers = nil }
    self.length = length
    left = length ?? .max
  }
}
