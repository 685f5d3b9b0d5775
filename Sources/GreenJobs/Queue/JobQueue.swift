internal import Green
public import GreenRedis
internal import GreenWeb

/// Work that must survive the process that begins it: jobs in Redis, on its streams, done by the workers of any process
/// that has the same Redis.
///
/// ```swift
/// let jobs = JobQueue(redis)
/// jobs.handle(Kinds.mail) { mail, _ in try send(mail) }
/// jobs.every(.seconds(3600), Kinds.cleanUp, Empty())
///
/// try jobs.add(Kinds.mail, Mail(to: "eve@example.org", text: "hello"))
/// try jobs.add(Kinds.mail, reminder, after: .seconds(86_400))
/// ```
///
/// A job is done at least once: where a worker dies in the middle, another begins it anew, so a job must bear being
/// done twice. One that throws is tried again later, and after its last attempt it is a dead letter, which stays until
/// somebody looks at it. Jobs that are ready are begun in the order in which they came.
public final class JobQueue: Sendable {
  let redis: Redis
  let keys: JobKeys
  let configuration: JobConfiguration
  private let registered = Guarded(Registered())

  private struct Registered {
    var handlers: [String: JobHandler] = [:]
    var periodic: [PeriodicJob] = []
  }

  /// - Parameters:
  ///   - redis: where the jobs are. Each process that works keeps one connection of it busy with waiting.
  ///   - name: what all keys of the queue begin with, after `jobs:`.
  ///   - configuration: what is seldom changed.
  public init(_ redis: Redis, name: String = "default", configuration: JobConfiguration = JobConfiguration()) {
    self.redis = redis
    keys = JobKeys(name)
    self.configuration = configuration
  }

  // MARK: Adding

  /// Adds a job. When it returns, Redis has it.
  ///
  /// - Parameters:
  ///   - kind: of which kind it is; one that a worker handles.
  ///   - payload: what it is given, kept as JSON.
  ///   - delay: how long from now until it is begun, at the earliest.
  /// - Returns: its identity.
  /// - Throws: `EncodingError`, also for a payload that is nested more than 511 deep; as `RedisCommands`.
  @discardableResult
  public func add<Payload>(_ kind: JobKind<Payload>, _ payload: Payload, after delay: Duration = .zero) throws -> String
  {
    let id = Self.newID()
    try JobScripts.add.run(
      on: redis, keys: keys.forAdding(id), id, kind.name, try Self.encoded(payload), delay.wholeMilliseconds)
    return id
  }

  static func encoded(_ payload: some Encodable) throws -> [UInt8] { try StoredJSON.encoded(payload) }

  private static func newID() -> String {
    let (high, low) = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
    return String(high, radix: 36) + String(low, radix: 36)
  }

  // MARK: Handling

  /// Says what does the jobs of a kind.
  ///
  /// - Parameters:
  ///   - kind: of which kind they are.
  ///   - body: called with what the job was given, in a fiber of a worker. What it throws has the job tried again later. It may
  ///     be cancelled: when its time is over, and when the worker has to end.
  public func handle<Payload>(_ kind: JobKind<Payload>, _ body: @escaping @Sendable (Payload, Job) throws -> Void) {
    let handler = JobHandler(attempts: kind.attempts, timeout: kind.timeout, backOff: kind.backOff) { bytes, job in
      try body(try StoredJSON.decoded(Payload.self, from: bytes), job)
    }
    registered.withLock { $0.handlers[kind.name] = handler }
  }

  /// Has a job added at regular times, by whichever worker is the first to see that it is time: once for all of them.
  ///
  /// - Parameters:
  ///   - interval: the time from one to the next, a second at least. They are counted from 1970: every 86,400 s is at
  ///     midnight UTC.
  ///   - offset: how much later than that.
  ///   - kind: of which kind it is.
  ///   - payload: what it is given.
  ///   - name: what tells it apart from other regular jobs; that of the kind, unless said otherwise.
  public func every<Payload>(
    _ interval: Duration, offset: Duration = .zero, _ kind: JobKind<Payload>, _ payload: Payload, name: String? = nil
  ) throws {
    let job = PeriodicJob(
      name: name ?? kind.name, kind: kind.name, payload: try Self.encoded(payload),
      interval: max(1000, interval.wholeMilliseconds), offset: offset.wholeMilliseconds)
    registered.withLock { $0.periodic.append(job) }
  }

  func handler(of kind: String) -> JobHandler? { registered.withLock { $0.handlers[kind] } }

  var periodic: [PeriodicJob] { registered.withLock { $0.periodic } }
}

/// What does the jobs of one kind.
struct JobHandler: Sendable {
  let attempts: Int
  let timeout: Duration
  let backOff: Duration
  let body: @Sendable ([UInt8], Job) throws -> Void
}

/// A job that is added at regular times.
struct PeriodicJob: Sendable {
  let name: String
  let kind: String
  let payload: [UInt8]
  /// Milliseconds.
  let interval: Int
  let offset: Int
}

extension Duration {
  /// Milliseconds, rounded up.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue)
      + Int(
        (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
