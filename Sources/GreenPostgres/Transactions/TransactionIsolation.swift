/// How much of others' transactions one sees: PostgreSQL's documentation, 13.2.
public enum TransactionIsolation: String, Sendable, CaseIterable {
  case readCommitted = "read committed"
  case repeatableRead = "repeatable read"
  case serializable
}
