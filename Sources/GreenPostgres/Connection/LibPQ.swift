internal import CPQ
internal import Glibc
internal import Green
internal import SystemPackage

/// A connection of libpq's, waited for by Green: nothing in it blocks a thread that runs a hub.
///
/// Used by one caller at a time, which is its owner's to see to.
final class LibPQ {
  let pointer: OpaquePointer
  /// Whether the conversation with the server is out of step, or over.
  private(set) var isBroken = false
  /// The process that it belongs to: in a forked child, what is sent would come between the parent's words.
  private let generation = ForkHandler.generation

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  var isOwn: Bool { generation == ForkHandler.generation }
  var descriptor: CInt { PQsocket(pointer) }
  var message: String { String(cString: PQerrorMessage(pointer)).trimmed }
  var isInTransaction: Bool { PQtransactionStatus(pointer) != PQTRANS_IDLE }

  func parameter(_ name: String) -> String { PQparameterStatus(pointer, name).map { String(cString: $0) } ?? "" }

  /// Ends the connection. In a forked child it is left as it is: the parent goes on with it, and the number of its
  /// descriptor may be another's there.
  func finish() {
    guard isOwn else { return }
    let descriptor = descriptor
    let wasWatched = descriptor >= 0 && DescriptorOwners.closing(descriptor)
    PQfinish(pointer)
    if descriptor >= 0 { DescriptorOwners.closed(descriptor, wasWatched) }
  }

  /// The error for a connection that libpq says has ended.
  func lost() -> PostgresConnectionError {
    isBroken = true
    return .lost(message)
  }

  func setBroken() { isBroken = true }

  // MARK: Waiting

  /// How calls wait: to a deadline, and whether the cancellation of the calling task counts.
  struct Waiting {
    var deadline = Deadline.never
    var isShielded = false
    /// How much longer a wait may last when it is cancelled, or the calling code's time is over; `nil` for no longer.
    var patience: Duration?
  }

  /// Sends what libpq holds back. Reads meanwhile, so that a server which waits for this to read does not wait for ever.
  func flush(_ waiting: Waiting) throws {
    while true {
      switch PQflush(pointer) {
      case 0: return
      case 1:
        try wait(for: CShort(POLLIN | POLLOUT), waiting)
        if PQconsumeInput(pointer) == 0 { throw lost() }
      default: throw lost()
      }
    }
  }

  /// The next result of what was sent, `nil` after the last.
  func nextResult(_ waiting: Waiting) throws -> OpaquePointer? {
    while PQisBusy(pointer) != 0 {
      try wait(for: CShort(POLLIN), waiting)
      if PQconsumeInput(pointer) == 0 { throw lost() }
    }
    let result = PQgetResult(pointer)
    if result == nil && PQstatus(pointer) == CONNECTION_BAD { throw lost() }
    return result
  }

  /// Waits until more has come.
  func waitForInput(_ waiting: Waiting) throws {
    try wait(for: CShort(POLLIN), waiting)
    if PQconsumeInput(pointer) == 0 { throw lost() }
  }

  private func wait(for events: CShort, _ waiting: Waiting) throws {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    guard entry.fd >= 0 else { throw lost() }
    try withUnsafeMutablePointer(to: &entry) { entry in
      let entries = UnsafeMutableBufferPointer(start: entry, count: 1)
      if waiting.isShielded { return try Readiness.wait(for: entries, until: waiting.deadline) }
      do {
        try Readiness.waitInTask(for: entries, until: waiting.deadline)
      } catch let error where error is CancellationError || error is TimeoutError {
        guard let patience = waiting.patience else { throw error }
        try withShield { try Readiness.wait(for: entries, until: .after(patience)) }
      }
    }
  }
}

extension String {
  /// Without the line end that libpq's messages have.
  fileprivate var trimmed: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
