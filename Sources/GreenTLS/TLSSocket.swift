internal import CTLS
internal import Glibc
public import Green
internal import GreenHTTP
internal import SystemPackage

/// A socket whose bytes nobody between its ends can read or change: TLS 1.2 and 1.3 by OpenSSL, used in blocking style as a
/// `Socket`.
///
/// ```swift
/// let socket = try TLSSocket.connect(host: "example.org", port: 443)
/// try socket.send(request, until: .after(.seconds(10)))
/// ```
///
/// One fiber may receive while another sends. The end of the stream is told by the peer; one that goes without a word is
/// ``TLSError/truncated``. A send that fails, or is cancelled, in the middle ends the sending for good.
public final class TLSSocket: @unchecked Sendable {
  /// The socket below. What is sent or received by it directly breaks the connection.
  public let socket: Socket
  /// Under a lock, for threads that send and receive at once. No call of OpenSSL's waits.
  private let connection: Guarded<OpaquePointer>
  /// Kept for as long as the connection.
  private let context: TLSContext
  /// Whose turn it is to send. Whether nothing more can be sent: a send has failed in the middle, or the end has been told.
  let hasSendingEnded = Green.Mutex(false)
  /// How fast the peer must take what is sent, as was said last. Changed by whose turn it is to send.
  private(set) var pace: Pace?
  /// Whether the handshake has been made. Set before others have the socket.
  var isSecured = false

  /// A connection over a connected socket, before its handshake.
  init(_ socket: Socket, _ context: TLSContext) throws {
    let made = ThreadKeys.borrow { ctls_connection_make(context.pointer, socket.descriptor) }
    guard let connection = made else { throw Errno.noMemory }
    self.connection = Guarded(connection)
    self.socket = socket
    self.context = context
  }

  deinit { exclusively { ctls_connection_free($0) } }

  /// Calls OpenSSL's functions, none of which waits. What OpenSSL keeps for each thread it does not keep for each fiber: its
  /// generators of random numbers take long to make, and 8 KB.
  func exclusively<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
    try connection.withLock { connection in try ThreadKeys.borrow { try body(connection) } }
  }

  // MARK: Receiving

  /// Calls what receives, and again after a wait each, until it does not have to wait.
  func receiving(until deadline: Deadline, _ attempt: (OpaquePointer, inout Int) -> ctls_outcome) throws -> Int {
    var failure: (any Error)?
    let count = try socket.receiving(until: deadline) {
      var count = 0
      let outcome = exclusively { connection in
        let outcome = attempt(connection, &count)
        if outcome == CTLS_DONE {
          socket.isDrained = ctls_connection_is_drained(connection) && !ctls_connection_has_pending(connection)
        } else if outcome == CTLS_FAILED || outcome == CTLS_SYSTEM {
          failure = Self.failure(outcome, connection)
        }
        return outcome
      }
      switch outcome {
      case CTLS_DONE: return count
      case CTLS_WANTS_READ:
        errno = EAGAIN
        return -1
      case CTLS_END: return 0
      case CTLS_TRUNCATED: failure = TLSError.truncated
      default: break
      }
      return 0
    }
    if let failure { throw failure }
    return count
  }

  /// The error of a call that has just failed.
  private static func failure(_ outcome: ctls_outcome, _ connection: OpaquePointer) -> any Error {
    if outcome == CTLS_SYSTEM { return errno == 0 ? TLSError.truncated : Errno(rawValue: errno) }
    return TLSError.violated(String(cString: ctls_connection_reason(connection)))
  }

  // MARK: Sending

  /// Sends all of the bytes; `send` sends what the kernel did not take at once.
  ///
  /// - Parameter pace: the one that is kept to from now on; `nil` for that so far.
  func sending(
    _ bytes: UnsafeRawBufferPointer, until deadline: Deadline, pace: Pace? = nil,
    _ send: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try hasSendingEnded.withLock(until: deadline) { hasEnded in
      if hasEnded { throw TLSError.sendingFailed }
      if let pace { self.pace = pace }
      do {
        try flush(send)
        var rest = bytes
        while !rest.isEmpty {
          let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceLength))
          try write(piece)
          try flush(send)
          rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
          Hub.spend(bytes: piece.count)
        }
      } catch {
        hasEnded = true
        throw error
      }
    }
  }

  /// Two records: after them it is looked whether the kernel has taken all.
  private static var pieceLength: Int { 32_768 }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    try exclusively { connection in
      let outcome = ctls_connection_write(connection, bytes.baseAddress, bytes.count)
      if outcome != CTLS_DONE { throw Self.failure(outcome, connection) }
    }
  }

  /// Sends what the kernel has not taken yet.
  private func flush(_ send: (UnsafeRawBufferPointer) throws -> Void) throws {
    while let taken = takeUnsent() {
      defer { free(taken.baseAddress) }
      try send(UnsafeRawBufferPointer(taken))
      // Where it was not sent, nothing is any more.
      exclusively { ctls_connection_taken_sent($0) }
    }
  }

  private func takeUnsent() -> UnsafeMutableRawBufferPointer? {
    exclusively { connection in
      guard ctls_connection_unsent(connection) > 0 else { return nil }
      var count = 0
      let bytes = ctls_connection_take(connection, &count)
      return UnsafeMutableRawBufferPointer(start: bytes, count: count)
    }
  }
}
