/// What a `NOTIFY` told: PostgreSQL's documentation of the command.
public struct PostgresNotification: Sendable, Equatable {
  /// The channel's name.
  public let channel: String
  /// What was given with it, less than 8,000 bytes.
  public let payload: String
  /// The process of the server that carried out the `NOTIFY`.
  public let sender: Int32
}
