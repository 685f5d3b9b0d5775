import Glibc

/// The figures of the application's own, of all workers: the master's side of ``ApplicationMetrics``.
struct ApplicationFigures {
  /// What workers have counted that have gone.
  private var past: [FigureKey: [Double]] = [:]
  /// What each worker has told last.
  private var latest: [pid_t: [FigureKey: [Double]]] = [:]
  /// How many figures of workers that have gone were not kept.
  private var dropped = 0

  /// The most figures of the past: labels may be made from requests, and workers come and go as long as the master lives.
  static let mostPast = 20_000

  /// Takes note of what a worker tells. What cannot be read is passed over.
  mutating func note(_ text: String, of pid: pid_t) {
    var figures: [FigureKey: [Double]] = [:]
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = Substring(line).split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 4, let kind = FigureKind(rawValue: String(fields[0])) else { continue }
      let key = FigureKey(kind: kind, name: String(fields[1]), labels: String(fields[2]))
      figures[key] = fields[3].split(separator: " ").compactMap { Double($0) }
    }
    latest[pid] = figures
  }

  /// A worker has ended: what it has counted stays, and what was so only as long as it lived goes.
  mutating func ended(_ pid: pid_t) {
    for (key, values) in latest.removeValue(forKey: pid) ?? [:] where key.kind != .gauge {
      if past.count < Self.mostPast || past[key] != nil {
        Self.add(values, to: &past[key, default: []])
      } else {
        dropped += 1
      }
    }
  }

  /// Adds them to what Prometheus is told, by name.
  func write(to page: inout PrometheusText) {
    if dropped > 0 {
      page.single(
        "greenfinch_application_metrics_dropped_total", .counter,
        "Metrics of ended workers that were too many to be kept.", dropped)
    }
    var sums = past
    for figures in latest.values {
      for (key, values) in figures { Self.add(values, to: &sums[key, default: []]) }
    }
    let families = Dictionary(grouping: sums) { $0.key.name }
    for (name, members) in families.sorted(by: { $0.key < $1.key }) {
      let members = members.sorted { $0.key.labels < $1.key.labels }
      guard let kind = members.first?.key.kind else { continue }
      page.family(name, "\(kind.rawValue)", "A metric of the application's own.")
      // A name of two kinds would be no family: the first counts.
      for member in members where member.key.kind == kind { Self.write(member.key, member.value, to: &page) }
    }
  }

  private static func write(_ key: FigureKey, _ values: [Double], to page: inout PrometheusText) {
    switch key.kind {
    case .counter, .gauge: page.line(key.name, key.labels, "\(values.first ?? 0)")
    case .summary:
      guard values.count == 2 else { return }
      page.line(key.name + "_sum", key.labels, "\(values[0])")
      page.line(key.name + "_count", key.labels, "\(whole(values[1]))")
    case .histogram:
      guard let sum = values.first else { return }
      let counts = values.dropFirst().map(whole)
      page.buckets(key.name, DurationBuckets(counts: counts), sum: "\(sum)", labels: key.labels)
    }
  }

  /// A count; 0 for what is none.
  private static func whole(_ value: Double) -> UInt64 { value >= 0 && value < 1e18 ? UInt64(value) : 0 }

  private static func add(_ values: [Double], to sums: inout [Double]) {
    if sums.count < values.count { sums += Array(repeating: 0, count: values.count - sums.count) }
    for (index, value) in values.enumerated() { sums[index] += value }
  }
}
