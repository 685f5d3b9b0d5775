import Green
import Logging

/// Counts what a worker's requests come to: on the scoreboard, where the master adds up all workers, and for statsd.
final class RequestMeter: Sendable {
  private let metrics: WorkerMetrics?
  private let statsd: Statsd?

  /// `nil` where nobody asks for figures.
  init?(_ configuration: Configuration, _ metrics: WorkerMetrics?) throws(LogFault) {
    let statsd = try Statsd(configuration)
    if metrics == nil && statsd == nil { return nil }
    self.metrics = metrics
    self.statsd = statsd
    ErrorLog.observe { event in
      statsd?.note(event)
      switch event {
      case .line(let level): if level >= .error { metrics?.add(to: .errorLines) }
      case .lost(let count): metrics?.add(count, to: .lostLines)
      }
    }
  }

  func countAnswer(status: Int, bodyBytes: Int, nanoseconds: Int64) {
    metrics?.countRequest(status: status, nanoseconds: nanoseconds, bodyBytes: bodyBytes)
    statsd?.countRequest(status: status, nanoseconds: nanoseconds)
  }

  func connected() { metrics?.add(to: .connections) }
  func refused() { metrics?.add(to: .refused) }
  func timedOut() { metrics?.add(to: .timedOut) }
  func failed() {
    metrics?.add(to: .failed)
    statsd?.countException()
  }

  /// To be called by the worker's loop now and then.
  func look() {
    guard let metrics else { return }
    if let hub = Hub.current { metrics.fibers = hub.fiberCount }
    if !metrics.hasOwnFigures && !ApplicationMetrics.shared.isEmpty { metrics.hasOwnFigures = true }
  }
}
