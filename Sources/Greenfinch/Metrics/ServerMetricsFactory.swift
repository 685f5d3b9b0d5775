#if Metrics
  public import CoreMetrics
  internal import GreenServer

  /// Has metrics of swift-metrics served at `--metrics-bind`, added up over all workers, beside the server's own. Comes with
  /// the package trait `Metrics`.
  ///
  /// ```swift
  /// MetricsSystem.bootstrap(ServerMetricsFactory())
  /// let orders = Counter(label: "orders", dimensions: [("kind", "book")])
  /// ```
  ///
  /// To be bootstrapped before `run()`, in the program itself: it runs in each worker too. A counter is a counter of
  /// Prometheus's, and its name ends in `_total`; a meter and a gauge are a gauge, whose values are added up; a recorder that
  /// aggregates is a summary of sum and count; a timer is a histogram of seconds. What a worker has counted stays when it has
  /// ended as it was asked to; of one that has crashed, what was last asked for. Of figures with different labels 10,000 are
  /// told.
  public struct ServerMetricsFactory: MetricsFactory {
    /// A factory. All of them make the same metrics.
    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
      ServerMetric(.counter, label, dimensions)
    }

    public func makeFloatingPointCounter(
      label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
      ServerMetric(.counter, label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
      ServerMetric(.gauge, label, dimensions)
    }

    public func makeRecorder(
      label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
      ServerMetric(aggregate ? .summary : .gauge, label, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
      ServerMetric(.histogram, label, dimensions)
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func remove(_ handler: AnyObject) {
      if let metric = handler as? ServerMetric { ApplicationMetrics.shared.remove(metric.figure) }
    }
  }

  /// One metric of swift-metrics, of whichever kind.
  private final class ServerMetric: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler
  {
    let figure: ApplicationFigure

    init(_ kind: FigureKind, _ label: String, _ dimensions: [(String, String)]) {
      figure = ApplicationMetrics.shared.figure(kind, label, dimensions)
    }

    func increment(by amount: Int64) { figure.add(Double(amount)) }
    func increment(by amount: Double) { figure.add(amount) }
    func decrement(by amount: Double) { figure.add(-amount) }
    func reset() { figure.reset() }
    func set(_ value: Int64) { figure.set(Double(value)) }
    func set(_ value: Double) { figure.set(value) }
    func record(_ value: Int64) { figure.record(Double(value)) }
    func record(_ value: Double) { figure.record(value) }
    func recordNanoseconds(_ duration: Int64) { figure.record(nanoseconds: duration) }
  }
#endif
