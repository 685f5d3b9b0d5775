// What Prometheus is told.
extension ServerLook {
  /// The whole page.
  var prometheus: PrometheusText {
    var page = PrometheusText()
    addRequests(to: &page)
    addConnections(to: &page)
    addWorkers(to: &page)
    addProcesses(to: &page)
    return page
  }

  private func addRequests(to page: inout PrometheusText) {
    page.family("greenfinch_requests_total", .counter, "Requests that were answered, by status.")
    for status in WorkerMetrics.statuses {
      let count = sum.answers(status: status)
      if count > 0 { page.sample("greenfinch_requests_total", count, [("code", "\(status)")]) }
    }
    page.histogram(
      "greenfinch_request_duration_seconds",
      "How long answers took, from the end of the head to the end of the answer.",
      sum.durations, sum: sum[.nanoseconds])
    page.single(
      "greenfinch_response_body_bytes_total", .counter, "Bytes of the bodies of answers.", sum[.bodyBytes])
    page.single(
      "greenfinch_requests_refused_total", .counter, "Requests that broke a rule or a limit.", sum[.refused])
    page.single(
      "greenfinch_request_errors_total", .counter,
      "Requests that failed: by an error that nobody handled, or since the answer could not be made whole.",
      sum[.failed])
    page.single(
      "greenfinch_requests_timed_out_total", .counter, "Requests that took longer than they may.", sum[.timedOut])
    page.single(
      "greenfinch_log_errors_total", .counter, "Lines of the error log of level error and above, of workers.",
      sum[.errorLines])
    page.single(
      "greenfinch_log_lines_lost_total", .counter, "Lines of logs that could not be written.", sum[.lostLines])
  }

  private func addConnections(to page: inout PrometheusText) {
    page.single(
      "greenfinch_connections_accepted_total", .counter, "Connections that workers have accepted.",
      sum[.connections])
    page.single("greenfinch_connections_open", .gauge, "Connections that workers have open.", open)
    page.single("greenfinch_connections_capacity", .gauge, "How many connections workers can have open.", capacity)
    if let queued {
      page.single("greenfinch_connections_queued", .gauge, "Connections that wait to be accepted.", queued)
    }
    page.single("greenfinch_fibers", .gauge, "Fibers that have not finished.", fibers)
  }

  private func addWorkers(to page: inout PrometheusText) {
    page.family("greenfinch_workers", .gauge, "Worker processes, by what they do.")
    for state in [WorkerState.starting, .ready, .draining] {
      page.sample("greenfinch_workers", count(state), [("state", "\(state)")])
    }
    page.single("greenfinch_workers_wanted", .gauge, "How many worker processes there are to be.", wanted)
    page.single("greenfinch_worker_starts_total", .counter, "Worker processes that were started.", started)
    page.single("greenfinch_worker_ends_total", .counter, "Worker processes that have ended.", ended)
    page.single(
      "greenfinch_generation", .gauge, "Which program workers run: 0 is the first, a reload adds 1.", generation)
    page.single("greenfinch_start_time_seconds", .gauge, "When the master began, in seconds since 1970.", began)
    page.family("greenfinch_build_info", .gauge, "The version, always 1.")
    page.sample("greenfinch_build_info", 1, [("version", version), ("worker_class", workerClass.rawValue)])
  }

  private func addProcesses(to page: inout PrometheusText) {
    page.family("greenfinch_worker_resident_memory_bytes", .gauge, "Memory of a worker that is in RAM, by its place.")
    for worker in workers {
      guard let process = worker.process else { continue }
      page.sample("greenfinch_worker_resident_memory_bytes", process.residentBytes, worker.label)
    }
    page.family("greenfinch_worker_cpu_seconds_total", .counter, "Processor time of a worker, by its place.")
    for worker in workers {
      guard let process = worker.process else { continue }
      page.sample("greenfinch_worker_cpu_seconds_total", "\(process.processorSeconds)", worker.label)
    }
    page.family(
      "greenfinch_worker_silence_seconds", .gauge, "How long ago a worker showed a sign of life, by its place.")
    for worker in workers where worker.state == .ready {
      let silence = PrometheusText.seconds(UInt64(max(0, worker.silence)))
      page.sample("greenfinch_worker_silence_seconds", silence, worker.label)
    }
  }
}

extension ServerLook.Worker {
  fileprivate var label: [(name: String, value: String)] { [("worker", "\(slot)")] }
}
