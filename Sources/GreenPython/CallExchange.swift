import CGreenPython
import Glibc
import Green
import GreenHTTP
import GreenServer
import HTTPTypes
import SystemPackage

/// An exchange whose application is a call: WSGI. The call may last until the answer has ended, and writes it meanwhile.
final class CallExchange: Exchange, @unchecked Sendable {
  /// What the application has done so far.
  enum Progress {
    case waiting
    /// The whole answer is there.
    case whole([UInt8])
    /// The head is there, and the body follows.
    case begun
  }

  private(set) var progress = Progress.waiting
  private(set) var head: AnswerHead?
  /// What was written while nobody could take it.
  private(set) var early: [UInt8] = []
  /// The answer's body, while it can be written to.
  var writer: BodyWriter?
  /// Whether nothing of the body is sent: to a `HEAD`, and with some statuses.
  private(set) var discards = false
  /// Whether nobody takes the answer any more.
  var isGivenUp = false
  /// The application's exception.
  private(set) var failure: PythonFailure?
  /// Why the body could not be read.
  var refusal: HTTPError?
  /// Where the connection's fiber waits for the call, and the call for the connection's fiber.
  let server = Wakeup()
  let caller = Wakeup()
  /// Whether the two are fibers of their own.
  var isApart = false
  /// Whether the call has returned.
  var hasReturned = false
  /// The connection's, once the application speaks over it by itself.
  var socketIsTaken = false

  var hasBegun: Bool { if case .waiting = progress { false } else { true } }

  func answer(_ head: AnswerHead, whole body: UnsafeRawBufferPointer) {
    self.head = head
    progress = .whole(Array(body))
    // The call may go on for long.
    server.tell()
  }

  func begin(_ head: AnswerHead) {
    self.head = head
    progress = .begun
    let code = head.status.code
    discards = request.method == .head || code == 204 || code == 304 || code == 205
    server.tell()
  }

  /// Writes a piece of the body; in a fiber once the head has gone out, on a thread at the latest when the call returns.
  ///
  /// - Throws: `Errno.brokenPipe` where nobody takes it: a body without end is to end.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    if bytes.isEmpty { return }
    if discards { throw Errno.brokenPipe }
    guard let writer = try awaitWriter() else { return early.append(contentsOf: bytes) }
    try writer.write(bytes)
  }

  func write(_ file: OpenFile, _ part: Range<Int>) throws {
    if part.isEmpty { return }
    if discards { throw Errno.brokenPipe }
    guard let writer = try awaitWriter() else { return try file.read(part) { early.append(contentsOf: $0) } }
    try writer.write(file, part)
  }

  /// The body, where it can be had by waiting; `nil` on a thread, which would wait for itself.
  private func awaitWriter() throws -> BodyWriter? {
    while true {
      if isGivenUp { throw Errno.brokenPipe }
      if let writer { return writer }
      if !isApart { return nil }
      PreforkServer.endIfChild()
      try caller.wait()
    }
  }

  /// The application has raised. Once the whole answer is there it is too late for another.
  func fail(_ failure: PythonFailure) {
    if case .whole = progress { return PythonWorker.log(40, "Error after the answer to \(request.target): \(failure)") }
    self.failure = failure
  }

  /// The application has been ended in the middle of its work, since the request's time is over: where, the log tells.
  func tookTooLong(_ failure: PythonFailure) {
    tellOutOfTime(failure)
    refusal = .tookTooLong
    self.failure = failure
  }

  /// What is answered in the place of what the application has not said.
  func takeFailure() -> (any Error)? {
    guard let failure else { return nil }
    return refusal ?? failure
  }

  /// Sends what was written before anybody could take it.
  func sendEarly() throws {
    if early.isEmpty { return }
    let bytes = early
    early = []
    try writer?.write(bytes)
  }
}
