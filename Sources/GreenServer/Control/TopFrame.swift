import Glibc
import Green

/// What `ctl top` shows at one moment: rates are those since the moment before.
struct TopFrame {
  /// A request in progress.
  struct Request {
    var pid: pid_t
    var line: String
    /// When it began, in nanoseconds of `CLOCK_MONOTONIC`; `nil` of a worker that does not answer.
    var since: Int64?

    init(pid: pid_t, line: String, since: Int64?) {
      self.pid = pid
      self.line = line
      self.since = since
    }

    /// Reads a line of a worker's answer: when it began, and what was asked for.
    init?(_ text: Substring, pid: pid_t) {
      guard let space = text.firstIndex(of: " "), let since = Int64(text[..<space]) else { return nil }
      self.init(pid: pid, line: String(text[text.index(after: space)...]), since: since)
    }
  }

  let look: ServerLook
  /// Seconds since the moment before; `nil` where there was none: then figures are of all the time.
  private let seconds: Double?
  private let previous: ServerLook?
  private let durations: DurationBuckets
  /// The oldest first.
  private let requests: [Request]

  init(_ look: ServerLook, since previous: ServerLook?, requests: [Request]) {
    self.look = look
    self.previous = previous
    seconds = previous.map { max(Double(look.time - $0.time) / 1e9, 0.001) }
    let all = look.sum.durations
    durations = previous.map { all.since($0.sum.durations) } ?? all
    self.requests = requests.sorted { ($0.since ?? 0) < ($1.since ?? 0) }
  }

  /// Requests a second.
  private var rate: Double { Double(durations.total) / (seconds ?? Double(max(1, look.uptime))) }

  private func quantile(_ part: Double) -> String {
    durations.quantile(part).map { Figure.time(nanoseconds: $0) } ?? "-"
  }

  /// So many lines of so many characters, with their ends.
  func text(rows: Int, columns: Int) -> String {
    var lines = head
    lines.append("\n")
    lines += TextTable.lines([["PID", "STATE", "REQ/s", "OPEN", "FIBERS", "CPU %", "MEMORY"]] + look.workers.map(row))
    if !requests.isEmpty {
      lines += ["\n", "The slowest requests in progress:\n"]
      lines += TextTable.lines(
        requests.map { request in
          let age = request.since.map { Figure.time(nanoseconds: Double(max(0, look.time - $0))) } ?? "no answer"
          return [age, "\(request.pid)", LogText.escaped(request.line)]
        })
    }
    return lines.prefix(max(1, rows)).map { line in
      line.count > columns + 1 ? line.prefix(columns) + "\n" : line[...]
    }.joined()
  }

  private var head: [String] {
    let sum = look.sum
    let failures = sum[.failed] &+ sum[.timedOut]
    return [
      "greenfinch \(look.version), process \(look.pid), \(look.phase) for \(Figure.duration(seconds: look.uptime)), "
        + "\(look.count(.ready)) of \(look.wanted) \(look.workerClass.rawValue) workers, generation \(look.generation)\n",
      "\(Figure.tenths(rate)) requests/s; p50 \(quantile(0.5)), p90 \(quantile(0.9)), p99 \(quantile(0.99)); "
        + "\(look.answers) in all, \(failures) failed, \(sum[.refused]) refused\n",
      "\(look.open) of \(look.capacity) connections open, \(look.queued.map { "\($0)" } ?? "?") queued; "
        + "\(look.fibers) fibers\n",
    ]
  }

  private func before(_ worker: ServerLook.Worker) -> ServerLook.Worker? {
    previous?.workers.first { $0.pid == worker.pid }
  }

  private func requestsPerSecond(_ worker: ServerLook.Worker) -> Double? {
    guard let seconds, let before = before(worker), worker.requests >= before.requests else { return nil }
    return Double(worker.requests - before.requests) / seconds
  }

  /// Of one processor, in hundredths.
  private func load(_ worker: ServerLook.Worker) -> Double? {
    guard let seconds, let now = worker.process, let then = before(worker)?.process else { return nil }
    return max(0, now.processorSeconds - then.processorSeconds) / seconds * 100
  }

  private func row(_ worker: ServerLook.Worker) -> [String] {
    [
      "\(worker.pid)", "\(worker.state)", requestsPerSecond(worker).map(Figure.tenths) ?? "-", "\(worker.open)",
      "\(worker.fibers)", load(worker).map(Figure.tenths) ?? "-",
      worker.process.map { Figure.bytes($0.residentBytes) } ?? "-",
    ]
  }

  /// The same for programs, on one line.
  var json: String {
    var object = JSONObject()
    object.add(raw: look.json, as: "status")
    object.add(raw: "\(rate)", as: "requests_per_second")
    for (name, part) in [("p50_seconds", 0.5), ("p90_seconds", 0.9), ("p99_seconds", 0.99)] {
      if let quantile = durations.quantile(part) { object.add(raw: "\(quantile / 1e9)", as: name) }
    }
    object.add(raw: look.workersJSON, as: "workers")
    object.add(
      raw: JSONText.list(
        requests.map { request in
          var item = JSONObject()
          item.add("pid", request.pid)
          item.add("request", request.line)
          if let since = request.since { item.add(raw: "\(Double(look.time - since) / 1e9)", as: "seconds") }
          return item.text
        }), as: "requests")
    return object.text
  }
}
