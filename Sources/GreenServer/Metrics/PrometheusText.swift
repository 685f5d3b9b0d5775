/// Figures as Prometheus reads them: its text format 0.0.4.
struct PrometheusText {
  enum Kind: String { case counter, gauge, histogram }

  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  /// Begins a family of figures, which its samples follow. `help` is one sentence on one line.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) { family(name, kind.rawValue, help) }

  mutating func family(_ name: String, _ kind: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
  }

  /// A figure; its labels are written already.
  mutating func line(_ name: String, _ labels: String, _ value: String) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  mutating func sample(_ name: String, _ value: String, _ labels: [(name: String, value: String)] = []) {
    line(name, labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ","), value)
  }

  mutating func sample(_ name: String, _ value: some BinaryInteger, _ labels: [(name: String, value: String)] = []) {
    sample(name, "\(value)", labels)
  }

  /// A family of one figure.
  mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
    family(name, kind, help)
    sample(name, value)
  }

  /// A family that is one histogram of times; `sum` in nanoseconds.
  mutating func histogram(_ name: String, _ help: String, _ durations: DurationBuckets, sum: UInt64) {
    family(name, .histogram, help)
    buckets(name, durations, sum: Self.seconds(sum))
  }

  /// A histogram of times. `sum` is in seconds, and `labels` are written already.
  mutating func buckets(_ name: String, _ durations: DurationBuckets, sum: String, labels: String = "") {
    var total: UInt64 = 0
    let start = labels.isEmpty ? "" : labels + ","
    for (index, count) in durations.counts.enumerated() {
      total &+= count
      let bound = index < DurationBuckets.bounds.count ? Self.seconds(DurationBuckets.bounds[index]) : "+Inf"
      line(name + "_bucket", "\(start)le=\"\(bound)\"", "\(total)")
    }
    line(name + "_sum", labels, sum)
    line(name + "_count", labels, "\(total)")
  }

  /// Nanoseconds as seconds.
  static func seconds(_ nanoseconds: UInt64) -> String { "\(Double(nanoseconds) / 1e9)" }

  /// A label's value as it stands between quotes.
  static func escaped(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      // Of no use in a label, and what separates fields where figures are told.
      case "\t": text += " "
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
