/// How much of others' transactions one sees: PostgreSQL's documentation, 13.2.
public enum TransactionIsolation: String, Sendable, CaseIterable {
  /// Each statement sees what was committed before it.
  case readCommitted = "read committed"
  /// All statements see what was committed before the first.
  case repeatableRead = "repeatable read"
  /// As if one transaction came after the other; else ``PostgresError/State/serializationFailure``.
  case serializable
}
