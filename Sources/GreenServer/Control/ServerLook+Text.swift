import Glibc
import Green

// How the server fares, as text and as JSON.
extension ServerLook {
  var uptime: Int { max(0, Glibc.time(nil) - began) }

  /// What `ctl status` shows.
  var status: String {
    var rows = [
      ["greenfinch", version], ["process", "\(pid)"], ["phase", phase], ["up for", Figure.duration(seconds: uptime)],
      ["worker class", workerClass.rawValue], ["generation", "\(generation)"],
      [
        "workers",
        "\(count(.ready)) ready, \(count(.starting)) starting, \(count(.draining)) draining, \(wanted) wanted",
      ],
      ["workers ended", "\(ended) of \(started) started"],
      ["connections", "\(open) open of \(capacity), \(queued.map { "\($0)" } ?? "?") queued"],
      [
        "requests",
        "\(answers) answered, \(sum[.refused]) refused, \(sum[.failed]) failed, \(sum[.timedOut]) timed out",
      ],
      ["fibers", "\(fibers)"],
    ]
    if sum[.lostLines] > 0 { rows.append(["log lines lost", "\(sum[.lostLines])"]) }
    return rows.map { row in
      row[0] + String(repeating: " ", count: max(1, 15 - row[0].count)) + row[1] + "\n"
    }.joined()
  }

  /// What `ctl workers` shows.
  var table: String {
    let rows = workers.map { worker in
      [
        "\(worker.pid)", "\(worker.state)", "\(worker.generation)", "\(worker.requests)", "\(worker.open)",
        "\(worker.capacity)", "\(worker.fibers)", worker.process.map { Figure.tenths($0.processorSeconds) } ?? "-",
        worker.process.map { Figure.bytes($0.residentBytes) } ?? "-", LogText.escaped(worker.activity),
      ]
    }
    let titles = ["PID", "STATE", "GEN", "REQUESTS", "OPEN", "OF", "FIBERS", "CPU s", "MEMORY", "DOING"]
    return TextTable.lines([titles] + rows).joined()
  }

  /// The same as ``status``.
  var json: String {
    var object = JSONObject()
    object.add("version", version)
    object.add("pid", pid)
    object.add("phase", phase)
    object.add("uptime_seconds", uptime)
    object.add("worker_class", workerClass.rawValue)
    object.add("generation", generation)
    object.add("workers_wanted", wanted)
    object.add("workers_ready", count(.ready))
    object.add("workers_starting", count(.starting))
    object.add("workers_draining", count(.draining))
    object.add("workers_started", started)
    object.add("workers_ended", ended)
    object.add("connections_open", open)
    object.add("connections_capacity", capacity)
    if let queued { object.add("connections_queued", queued) }
    object.add("requests", answers)
    object.add("requests_refused", sum[.refused])
    object.add("requests_failed", sum[.failed])
    object.add("requests_timed_out", sum[.timedOut])
    object.add("response_body_bytes", sum[.bodyBytes])
    object.add("log_lines_lost", sum[.lostLines])
    object.add("fibers", fibers)
    return object.text
  }

  /// The same as ``table``.
  var workersJSON: String {
    JSONText.list(
      workers.map { worker in
        var object = JSONObject()
        object.add("slot", worker.slot)
        object.add("pid", worker.pid)
        object.add("state", "\(worker.state)")
        object.add("generation", worker.generation)
        object.add("requests", worker.requests)
        object.add("connections_open", worker.open)
        object.add("connections_capacity", worker.capacity)
        object.add("fibers", worker.fibers)
        object.add("silence_nanoseconds", worker.silence)
        if let process = worker.process {
          object.add(raw: "\(process.processorSeconds)", as: "cpu_seconds")
          object.add("resident_bytes", process.residentBytes)
        }
        object.add("activity", worker.activity)
        return object.text
      })
  }
}
