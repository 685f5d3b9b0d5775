internal import Green
internal import Synchronization

/// An outermost transaction of a connection, from before it begins until it has ended: what tells one that is begun inside it, by
/// whom it calls and begins, from one that somebody else begins meanwhile.
final class OpenTransaction: Sendable {
  private let isOver = Atomic(false)

  /// Those that the calling code is in; some may be over, where the code was begun inside and has outlived them.
  @TaskLocal private static var entered: [OpenTransaction] = []
  /// The same of the fibers of a hub that cannot keep their task-locals apart.
  private static let enteredByFiber = FiberLocal<[OpenTransaction]>([])

  /// Whether the calling code can be told from all others.
  static var isTellingAll: Bool { Hub.current?.keepsTasksApart ?? true }

  /// Whether the calling code is inside it.
  var isAroundCaller: Bool {
    Self.entered.contains { $0 === self } || !Self.isTellingAll && Self.enteredByFiber.value.contains { $0 === self }
  }

  func end() { isOver.store(true, ordering: .relaxed) }

  /// Calls `body` inside a transaction; `nil` where it is in that already.
  static func inside<Result>(_ open: OpenTransaction?, _ body: () throws -> Result) throws -> Result {
    guard let open else { return try body() }
    if !isTellingAll { return try enteredByFiber.withValue(among(enteredByFiber.value, open), body) }
    return try $entered.withValue(among(entered, open)) { try body() }
  }

  /// As the one above, for an `async` function.
  nonisolated(nonsending) static func inside<Result>(
    _ open: OpenTransaction?, _ body: () async throws -> Result
  ) async throws -> Result {
    guard let open else { return try await body() }
    return try await $entered.withValue(among(entered, open)) { try await body() }
  }

  private static func among(_ others: [OpenTransaction], _ open: OpenTransaction) -> [OpenTransaction] {
    others.filter { !$0.isOver.load(ordering: .relaxed) } + [open]
  }
}

extension PostgresConnection {
  /// Whether the calling code is in the connection's transaction.
  var isInsideTransaction: Bool { openTransaction.withLock { $0 }?.isAroundCaller ?? false }

  /// Takes the connection for a transaction of the calling code's own. Parks or blocks while it has another.
  func enterTransaction() throws -> OpenTransaction {
    // Before the turn: it may have been taken by one who is not in this process.
    guard native.isOwn else { throw PostgresConnectionError.inherited }
    if !transactions.waitIfAvailable() {
      // It may be inside the one that it would wait for.
      if !OpenTransaction.isTellingAll { throw PostgresUsageError.inTransaction }
      try transactions.wait()
    }
    let mine = OpenTransaction()
    openTransaction.withLock { $0 = mine }
    return mine
  }

  /// - Parameter mine: `nil` for one inside another.
  func leaveTransaction(_ mine: OpenTransaction?) {
    guard let mine else { return }
    mine.end()
    openTransaction.withLock { $0 = nil }
    transactions.signal()
  }
}
