/// A kind of job: its name, what it is given, and how often it is tried.
///
/// ```swift
/// struct Mail: Codable { var to: String; var text: String }
///
/// enum Kinds { static let mail = JobKind<Mail>("mail", attempts: 5, timeout: .seconds(30)) }
/// ```
public struct JobKind<Payload: Codable & Sendable>: Sendable {
  /// What it is called in Redis: jobs of older versions of the program may still be there.
  public let name: String
  /// How often a job is tried before it goes to the dead letters, at least once.
  public let attempts: Int
  /// How long one attempt may take. It is cancelled then, and tried again.
  public let timeout: Duration
  /// How long after the first failure it is tried again; after each further one twice as long, up to an hour.
  public let backOff: Duration

  /// A kind of job.
  public init(_ name: String, attempts: Int = 5, timeout: Duration = .seconds(60), backOff: Duration = .seconds(1)) {
    self.name = name
    self.attempts = max(1, attempts)
    self.timeout = timeout
    self.backOff = backOff
  }
}
