/// The keys of a queue in Redis. They lie in one slot of a cluster.
struct JobKeys: Sendable {
  /// Jobs that are ready, as entries of a stream, and those that are being done.
  let ready: String
  /// Jobs whose time has not come, by it.
  let later: String
  /// Jobs that are tried no more, by the time of their last attempt.
  let dead: String
  /// When each regular job is due next.
  let periodic: String
  /// What all keys of single jobs begin with.
  let job: String

  init(_ name: String) {
    let base = "jobs:{\(name)}:"
    (ready, later, dead, periodic, job) = (
      base + "ready", base + "later", base + "dead", base + "periodic", base + "job:"
    )
  }

  func forAdding(_ id: String) -> [String] { [ready, later, job + id] }

  /// The one group of consumers.
  static let group = "workers"
}
