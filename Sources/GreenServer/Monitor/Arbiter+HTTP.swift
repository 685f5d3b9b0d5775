import Green

// What the master answers at --metrics-bind.
extension Arbiter {
  /// Answers a client that has asked; false where the connection has ended.
  func answerHTTP(_ client: MonitorClient) -> Bool {
    // The answer is still being taken.
    if client.endsWhenSent { return true }
    switch StatusRequest.read(client.input, scanned: client.scanned) {
    case .incomplete where client.input.count <= MonitorClient.mostInput:
      client.scanned = client.input.count
      return !client.hasInputEnded
    case .incomplete, .bad:
      return client.send(StatusAnswer(status: 400, body: "Bad Request\n").bytes(isHead: false), andEnd: true)
    case .request(let request):
      if request.isForMetrics && asksForFigures(client, isHead: request.isHead) { return true }
      return client.send(answer(request).bytes(isHead: request.isHead), andEnd: true)
    }
  }

  /// Asks the workers whose application counts something itself; whether there are any.
  private func asksForFigures(_ client: MonitorClient, isHead: Bool) -> Bool {
    let workers = listeningWorkers.filter { scoreboard.metrics(at: $0.slot)?.hasOwnFigures ?? false }
    if workers.isEmpty { return false }
    let deadline = monotonicNanoseconds() + 500_000_000
    monitor?.orders.give(.figures, to: workers, for: client, .metrics(isHead: isHead), until: deadline)
    return true
  }

  /// Answers once the workers have told what they count. For one that does not answer in time, what it told last is told.
  func answerMetrics(_ client: MonitorClient, isHead: Bool) -> Bool {
    client.send(metrics.bytes(isHead: isHead), andEnd: true)
  }

  private var metrics: StatusAnswer {
    var page = look().prometheus
    monitor?.figures.write(to: &page)
    return StatusAnswer(status: 200, mediaType: PrometheusText.mediaType, body: page.text)
  }

  private func answer(_ request: StatusRequest) -> StatusAnswer {
    guard request.method == "GET" || request.isHead else {
      return StatusAnswer(status: 405, body: "only GET and HEAD are understood here\n")
    }
    switch request.path {
    case StatusRequest.metricsPath: return metrics
    case "/healthz": return StatusAnswer(status: 200, body: "ok\n")
    case "/readyz": return readiness
    default: return StatusAnswer(status: 404, body: "there are /metrics, /healthz and /readyz\n")
    }
  }

  /// Whether a worker would take a request now, or where the settings say so, as soon as it can.
  private var readiness: StatusAnswer {
    if !lifecycle.isRunning { return StatusAnswer(status: 503, body: "the server is stopping\n") }
    let now = monotonicNanoseconds()
    let ready = (0..<scoreboard.count).map { scoreboard[$0] }.filter { $0.state == .ready }
    if ready.isEmpty { return StatusAnswer(status: 503, body: "no worker is ready\n") }
    if ready.contains(where: { $0.seat.takesPart && now - $0.lastSign <= patience }) || takesBusyOnes(ready, at: now) {
      return StatusAnswer(status: 200, body: "ok\n")
    }
    return StatusAnswer(status: 503, body: "no worker is free\n")
  }

  /// One that has not shown up for that long does not take what comes.
  private var patience: Int64 { 2 * Int64(configuration.beatInterval.wholeNanoseconds) + 1_000_000_000 }

  /// Whether one of these is busy with what it may take so long for, and the settings call that ready.
  private func takesBusyOnes(_ ready: [ScoreboardSlot], at now: Int64) -> Bool {
    let limit = configuration.timeout.wholeNanoseconds
    return configuration.readyWhenBusy && ready.contains { limit <= 0 || now - $0.lastSign <= limit }
  }
}
