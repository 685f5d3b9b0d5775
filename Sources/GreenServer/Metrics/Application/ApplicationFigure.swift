import Green

/// What a figure of the application's is to Prometheus.
package enum FigureKind: String, Sendable {
  /// It only grows: its total.
  case counter
  /// It goes up and down: its value.
  case gauge
  /// Of values the sum and the count.
  case summary
  /// Of times the sum in seconds, and how many there were in each bucket of ``DurationBuckets``.
  case histogram
}

/// What tells figures apart. Those of one key are added up over all workers.
struct FigureKey: Hashable, Sendable {
  let kind: FigureKind
  /// As Prometheus allows it.
  let name: String
  /// As Prometheus writes them: `a="b",c="d"`.
  let labels: String

  /// The figure of a label and dimensions as swift-metrics has them. What Prometheus does not allow in a name becomes `_`;
  /// a counter's name ends in `_total`, and that of times in `_seconds`.
  init(_ kind: FigureKind, _ label: String, _ dimensions: [(String, String)]) {
    self.kind = kind
    let suffix = kind == .counter ? "_total" : kind == .histogram ? "_seconds" : ""
    let name = Self.name(label, allowingColons: true)
    self.name = name.hasSuffix(suffix) ? name : name + suffix
    labels = dimensions.map { name, value in
      "\(Self.name(name, allowingColons: false))=\"\(PrometheusText.escaped(value))\""
    }.joined(separator: ",")
  }

  init(kind: FigureKind, name: String, labels: String) {
    self.kind = kind
    self.name = name
    self.labels = labels
  }

  private static func name(_ text: String, allowingColons: Bool) -> String {
    var name = String(
      text.unicodeScalars.map { scalar -> Character in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
        case ":" where allowingColons: ":"
        default: "_"
        }
      })
    if name.first?.isNumber ?? true { name = "_" + name }
    return name
  }
}

/// One figure of the application's in this process. Any thread may change it.
package final class ApplicationFigure: Sendable {
  let key: FigureKey
  private let values: Guarded<[Double]>

  init(_ key: FigureKey) {
    self.key = key
    values = Guarded(Self.none(of: key.kind))
  }

  private static func none(of kind: FigureKind) -> [Double] {
    switch kind {
    case .counter, .gauge: [0]
    case .summary: [0, 0]
    case .histogram: Array(repeating: 0, count: DurationBuckets.bounds.count + 2)
    }
  }

  /// Of a counter or a gauge.
  package func add(_ amount: Double) { values.withLock { $0[0] += amount } }

  /// Of a gauge.
  package func set(_ value: Double) { values.withLock { $0[0] = value } }

  /// One more value of a summary, or of a gauge, which is that one from now on.
  package func record(_ value: Double) {
    if key.kind == .gauge { return set(value) }
    values.withLock { values in
      values[0] += value
      values[1] += 1
    }
  }

  /// One more time of a histogram.
  package func record(nanoseconds: Int64) {
    let bucket =
      DurationBuckets.bounds.firstIndex { UInt64(clamping: nanoseconds) <= $0 } ?? DurationBuckets.bounds.count
    values.withLock { values in
      values[0] += Double(nanoseconds) / 1e9
      values[bucket + 1] += 1
    }
  }

  package func reset() { values.withLock { $0 = Self.none(of: key.kind) } }

  /// What the master reads: fields separated by tabs, none of which has one.
  var line: String {
    let numbers = values.withLock { $0 }.map { "\($0)" }.joined(separator: " ")
    return "\(key.kind.rawValue)\t\(key.name)\t\(key.labels)\t\(numbers)\n"
  }
}
