/// Columns of text, each as wide as its widest cell.
enum TextTable {
  /// Lines with their ends; numbers, and whatever begins with a digit, stand at the right.
  static func lines(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        let isNumber = cell.first?.isNumber ?? false
        line += (column > 0 ? "  " : "") + (isNumber ? padding + cell : column == row.count - 1 ? cell : cell + padding)
      }
      return line + "\n"
    }
  }
}

/// Figures as a person reads them.
enum Figure {
  /// `812 B`, `12.3 MB`
  static func bytes(_ count: Int) -> String {
    var (value, unit) = (Double(count), 0)
    let units = ["B", "KB", "MB", "GB", "TB"]
    while value >= 1000 && unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(count) B" : "\(tenths(value)) \(units[unit])"
  }

  /// `350 µs`, `12.3 ms`, `4.5 s`
  static func time(nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<1_000_000: "\(Int(nanoseconds / 1000)) µs"
    case ..<1_000_000_000: "\(tenths(nanoseconds / 1e6)) ms"
    default: "\(tenths(nanoseconds / 1e9)) s"
    }
  }

  /// `3 d 4 h`, `2 h 5 min`, `12 s`
  static func duration(seconds: Int) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
    if days > 0 { return "\(days) d \(hours % 24) h" }
    if hours > 0 { return "\(hours) h \(minutes % 60) min" }
    return minutes > 0 ? "\(minutes) min \(seconds % 60) s" : "\(seconds) s"
  }

  /// One digit after the point.
  static func tenths(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    let tenths = Int64((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }
}
