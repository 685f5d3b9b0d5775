import Glibc

/// How the server fares at one moment, as the master sees it.
struct ServerLook {
  struct Worker {
    var slot: Int
    var pid: pid_t
    var state: WorkerState
    var generation: Int
    var open: Int
    var capacity: Int
    /// Requests that have begun.
    var requests: UInt64
    /// How long ago it last showed a sign of life, in nanoseconds.
    var silence: Int64
    /// What it was last noted to do.
    var activity: String
    var fibers: Int
    var process: ProcessFigures?
  }

  /// In nanoseconds of `CLOCK_MONOTONIC`.
  var time: Int64
  var pid: pid_t
  var version = PreforkServer.version
  var workerClass: WorkerClass
  /// `running` or `stopping`.
  var phase: String
  /// When the master began, in seconds since 1970.
  var began: Int
  var generation: Int
  /// How many workers there are to be.
  var wanted: Int
  var workers: [Worker]
  /// How many workers have been started, and how many have ended, since the master began.
  var started: Int
  var ended: Int
  /// Connections that wait in the kernel; `nil` where that is not known.
  var queued: Int?
  /// What all workers that there are and were have counted.
  var sum: MetricsSum

  var open: Int { workers.reduce(0) { $0 + $1.open } }
  var capacity: Int { workers.reduce(0) { $0 + $1.capacity } }
  var fibers: Int { workers.reduce(0) { $0 + $1.fibers } }
  var answers: UInt64 { sum.durations.total }

  func count(_ state: WorkerState) -> Int { workers.count { $0.state == state } }
}
