/// What the server allows, beside what a program's workers may ask for.
public struct PostgresConnectionLimit: Sendable, Equatable, CustomStringConvertible {
  /// The most connections of one worker.
  public let perWorker: Int
  /// How many workers there are.
  public let workers: Int
  /// How many the server has for programs: `max_connections` without those that it reserves, or the limit of the role
  /// or the database, whichever is less.
  public let available: Int

  /// Whether there are enough.
  public var isEnough: Bool { perWorker * workers <= available }

  public var description: String {
    "\(workers) workers with up to \(perWorker) connections each may ask PostgreSQL for \(perWorker * workers), and it has \(available): "
      + (isEnough
        ? "that is enough"
        : "lower the connections of a worker to \(max(1, available / max(1, workers))), or raise max_connections")
  }
}
