internal import CPQ

extension PostgresConnection: PostgresQueries {
  public func run(_ sql: SQL) throws -> PostgresResult {
    if sql.text.utf8.contains(0) { throw PostgresUsageError.nul }
    let parameters = try ParameterList(sql.values)
    return try exclusively { native in
      if isStreaming { throw PostgresUsageError.copying }
      return try run(sql.text, parameters, native)
    }
  }

  /// Carries out statements without values, several of them where the text has several, as one transaction unless they say
  /// otherwise.
  ///
  /// - Parameter text: nothing in it is checked or escaped.
  public func runScript(_ text: String) throws {
    if text.utf8.contains(0) { throw PostgresUsageError.nul }
    try command(text)
  }

  /// A command of this module's own, or a script.
  func command(_ text: String, _ waiting: LibPQ.Waiting = LibPQ.Waiting()) throws {
    _ = try exclusively(waiting) { native in
      if isStreaming { throw PostgresUsageError.copying }
      return try native.send(text, waiting)
    }
  }

  private func run(_ text: String, _ parameters: ParameterList, _ native: LibPQ) throws -> PostgresResult {
    let key = StatementCache.Key(text: text, types: parameters.types)
    let wasInTransaction = native.isInTransaction
    do {
      return try attempt(key, parameters, native)
    } catch let error as PostgresError where error.isAboutPreparation {
      // Somebody has let go of it, or changed a table that it is about: it was not carried out.
      if wasInTransaction {
        // The transaction has failed with it; the next one has it parsed anew.
        statements.orphan(key, isKnown: error.state != .invalidStatementName)
        throw error
      }
      guard let name = statements.forget(key) else { throw error }
      if error.state != .invalidStatementName { _ = try native.send("deallocate \(name)", LibPQ.Waiting()) }
      return try attempt(key, parameters, native)
    }
  }

  private func attempt(_ key: StatementCache.Key, _ parameters: ParameterList, _ native: LibPQ) throws -> PostgresResult
  {
    let waiting = LibPQ.Waiting()
    switch statements.course(of: key) {
    case .plain: return try native.send(key.text, parameters, waiting)
    case .prepared(let name): return try native.sendPrepared(name, parameters, waiting)
    case .prepare(let name, let forgotten):
      // In a transaction that has failed nothing can be prepared.
      if PQtransactionStatus(native.pointer) == PQTRANS_INERROR {
        return try native.send(key.text, parameters, waiting)
      }
      if let forgotten { try deallocate(forgotten, native, waiting) }
      try native.prepare(name, key.text, key.types, waiting)
      statements.prepared(key, as: name)
      return try native.sendPrepared(name, parameters, waiting)
    }
  }

  private func deallocate(_ name: String, _ native: LibPQ, _ waiting: LibPQ.Waiting) throws {
    let wasInTransaction = native.isInTransaction
    do {
      _ = try native.send("deallocate \(name)", waiting)
    } catch let error as PostgresError where error.state == .invalidStatementName {
      // The program has let go of all: `discard all`. A transaction fails by it, and the next one does not.
      statements.forgetOrphans()
      if wasInTransaction { throw error }
    }
  }
}

extension PostgresError {
  /// Whether a statement is known no more under its name, or its plan no longer fits: "cached plan must not change result type".
  fileprivate var isAboutPreparation: Bool {
    state == .invalidStatementName || state == .featureNotSupported && message.contains("cached plan")
  }
}
