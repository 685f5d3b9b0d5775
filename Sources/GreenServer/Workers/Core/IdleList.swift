/// Where a connection stands in an ``IdleList``.
struct IdleLink {
  fileprivate var previous: Unmanaged<WorkerConnection>?
  fileprivate var next: Unmanaged<WorkerConnection>?
  fileprivate(set) var isLinked = false
  /// In nanoseconds of `CLOCK_MONOTONIC`.
  fileprivate(set) var since: Int64 = 0
}

/// The connections that wait for a request, the longest idle first.
///
/// Unsafe: the list holds unretained pointers; a connection leaves the list before it ends, and whoever serves it holds
/// it until then. Entering and leaving cost a few stores, as they happen twice a request.
struct IdleList {
  private var first: Unmanaged<WorkerConnection>?
  private var last: Unmanaged<WorkerConnection>?

  /// How long a connection that has been served stays untouched: its client may just be sending.
  static let patience: Int64 = 20_000_000
  /// How long one that has not sent anything yet does, and one of which a part of a head has come.
  static let patienceWithNew: Int64 = 500_000_000
  /// How long one that has been served does when the worker stops: a request that comes by then is answered.
  static let patienceOfStop: Int64 = 100_000_000

  var isEmpty: Bool { first == nil }

  mutating func append(_ connection: WorkerConnection, at now: Int64) {
    guard !connection.idle.isLinked else { return }
    let entry = Unmanaged.passUnretained(connection)
    connection.idle = IdleLink(previous: last, next: nil, isLinked: true, since: now)
    if let last { last._withUnsafeGuaranteedRef { $0.idle.next = entry } } else { first = entry }
    last = entry
  }

  mutating func remove(_ connection: WorkerConnection) {
    guard connection.idle.isLinked else { return }
    let (previous, next) = (connection.idle.previous, connection.idle.next)
    if let previous { previous._withUnsafeGuaranteedRef { $0.idle.next = next } } else { first = next }
    if let next { next._withUnsafeGuaranteedRef { $0.idle.previous = previous } } else { last = previous }
    connection.idle.isLinked = false
  }

  /// Takes out the connection that has waited for longest, and too long for the rest of what it sends.
  mutating func removeSlowest(at now: Int64) -> WorkerConnection? {
    guard let connection = first?.takeUnretainedValue(), now - connection.idle.since >= Self.patienceWithNew else {
      return nil
    }
    remove(connection)
    return connection
  }

  /// Takes out the connection that should make room for another: the longest idle of those that have been idle for
  /// longer than their patience.
  mutating func removeEvictable(at now: Int64, patience served: Int64 = IdleList.patience) -> WorkerConnection? {
    var entry = first
    while let connection = entry?.takeUnretainedValue() {
      let patience = connection.requests > 0 ? served : Self.patienceWithNew
      if now - connection.idle.since >= patience {
        remove(connection)
        return connection
      }
      entry = connection.idle.next
    }
    return nil
  }
}
