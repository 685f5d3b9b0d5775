import CProcess

/// What one worker has counted, on the ``Scoreboard``, which must outlive it; or a sum of such.
///
/// Safe to use from any thread: each access is one atomic operation.
struct WorkerMetrics: @unchecked Sendable {
  let pointer: OpaquePointer

  /// What is counted besides answers.
  enum Count: CaseIterable {
    case bodyBytes, nanoseconds, connections, refused, failed, timedOut, lostLines, errorLines

    fileprivate var index: CInt {
      switch self {
      case .bodyBytes: CInt(CPROCESS_COUNT_BODY_BYTES)
      case .nanoseconds: CInt(CPROCESS_COUNT_DURATION)
      case .connections: CInt(CPROCESS_COUNT_CONNECTIONS)
      case .refused: CInt(CPROCESS_COUNT_REFUSED)
      case .failed: CInt(CPROCESS_COUNT_FAILED)
      case .timedOut: CInt(CPROCESS_COUNT_TIMED_OUT)
      case .lostLines: CInt(CPROCESS_COUNT_LOST_LINES)
      case .errorLines: CInt(CPROCESS_COUNT_ERROR_LINES)
      }
    }
  }

  func countRequest(status: Int, nanoseconds: Int64, bodyBytes: Int) {
    cprocess_metrics_request(
      pointer, CInt(clamping: status), UInt64(clamping: nanoseconds), UInt64(clamping: bodyBytes))
  }

  func add(_ more: Int = 1, to count: Count) { cprocess_metrics_add(pointer, count.index, UInt64(clamping: more)) }

  /// Fibers that have not finished.
  var fibers: Int {
    get { Int(clamping: cprocess_metrics_level(pointer, CInt(CPROCESS_LEVEL_FIBERS))) }
    nonmutating set {
      cprocess_metrics_set_level(pointer, CInt(CPROCESS_LEVEL_FIBERS), UInt64(clamping: newValue))
    }
  }

  /// Whether the application counts something itself.
  var hasOwnFigures: Bool {
    get { cprocess_metrics_level(pointer, CInt(CPROCESS_LEVEL_OWN_FIGURES)) != 0 }
    nonmutating set { cprocess_metrics_set_level(pointer, CInt(CPROCESS_LEVEL_OWN_FIGURES), newValue ? 1 : 0) }
  }

  subscript(count: Count) -> UInt64 { cprocess_metrics_count(pointer, count.index) }

  /// How many answers had a status.
  func answers(status: Int) -> UInt64 { cprocess_metrics_status(pointer, CInt(status)) }

  /// The statuses there are.
  static let statuses = Int(CPROCESS_STATUS_FIRST)..<Int(CPROCESS_STATUS_FIRST + CPROCESS_STATUS_COUNT)

  /// How long answers took.
  var durations: DurationBuckets {
    DurationBuckets(counts: (0...Int(CPROCESS_DURATION_COUNT)).map { cprocess_metrics_duration(pointer, CInt($0)) })
  }

  func add(to sum: WorkerMetrics) { cprocess_metrics_sum(sum.pointer, pointer) }

  /// Only while no worker has it.
  func clear() { cprocess_metrics_clear(pointer) }
}
