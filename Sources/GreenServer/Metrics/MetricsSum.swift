internal import CProcess

/// Figures that are added up, of this process alone.
///
/// It keeps its memory as long as it is asked, which a copy of its ``WorkerMetrics`` would not.
final class MetricsSum {
  private let metrics: WorkerMetrics

  init() {
    let room = UnsafeMutableRawPointer.allocate(byteCount: cprocess_metrics_size(), alignment: 64)
    metrics = WorkerMetrics(pointer: OpaquePointer(room))
    metrics.clear()
  }

  deinit { UnsafeMutableRawPointer(metrics.pointer).deallocate() }

  func add(_ more: WorkerMetrics) { more.add(to: metrics) }
  func add(_ more: MetricsSum) { add(more.metrics) }

  subscript(count: WorkerMetrics.Count) -> UInt64 { metrics[count] }
  func answers(status: Int) -> UInt64 { metrics.answers(status: status) }
  var durations: DurationBuckets { metrics.durations }
}
