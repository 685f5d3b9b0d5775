import Glibc
import Green

// What the master does for whoever asks at the control socket.
extension Arbiter {
  /// Answers what a client has asked so far; false where the connection has ended.
  func obey(_ client: MonitorClient) -> Bool {
    while !client.isWaiting, client.hasTakenAll, let line = client.takeLine() {
      do throws(ControlFault) {
        let request = try ControlRequest(line)
        guard let reply = try answer(request, to: client) else { continue }
        if !client.send(reply.bytes, andEnd: false) { return false }
      } catch {
        if !client.send(ControlReply(error).bytes, andEnd: false) { return false }
      }
    }
    // One that sends no more has all its answers.
    return !client.hasInputEnded || client.isWaiting || !client.hasTakenAll
  }

  /// `nil` where workers have to be asked first.
  private func answer(_ request: ControlRequest, to client: MonitorClient) throws(ControlFault) -> ControlReply? {
    switch request.verb {
    case .status:
      let look = look()
      return ControlReply(request.isJSON ? look.json + "\n" : look.status)
    case .workers:
      let look = look()
      return ControlReply(request.isJSON ? look.workersJSON + "\n" : look.table)
    case .reload: return order([SIGHUP], "reloading; the log tells how it goes", request)
    case .reopen: return order([SIGUSR1], "the logs are opened again", request)
    case .add:
      let count = try request.count()
      return order(Array(repeating: SIGTTIN, count: count), "\(lifecycle.wanted + count) workers wanted", request)
    case .remove:
      let count = try request.count()
      return order(
        Array(repeating: SIGTTOU, count: count), "\(max(1, lifecycle.wanted - count)) workers wanted", request)
    case .drain: return try drain(request)
    case .dump, .trace, .top:
      try ask(request, for: client)
      return nil
    }
  }

  /// Does what signals to the master do.
  private func order(_ signals: [CInt], _ text: String, _ request: ControlRequest) -> ControlReply {
    for number in signals { take(Signal(rawValue: number)) }
    return done(text, request)
  }

  private func done(_ text: String, _ request: ControlRequest) -> ControlReply {
    guard request.isJSON else { return ControlReply(text + "\n") }
    var object = JSONObject()
    object.add("done", text)
    return ControlReply(object.text + "\n")
  }

  private func drain(_ request: ControlRequest) throws(ControlFault) -> ControlReply {
    guard let pid = try request.process() else {
      return order([SIGTERM], "the server stops when its requests have ended", request)
    }
    guard look().workers.contains(where: { $0.pid == pid }) else { throw ControlFault("there is no worker \(pid)") }
    kill(pid, SIGTERM)
    return done("worker \(pid) ends when its requests have, and is replaced", request)
  }

  private func ask(_ request: ControlRequest, for client: MonitorClient) throws(ControlFault) {
    let pid = request.verb == .dump ? try request.process() : nil
    let workers = listeningWorkers.filter { pid == nil || $0.pid == pid }
    if let pid, workers.isEmpty { throw ControlFault("there is no worker \(pid)") }
    let kind: WorkerOrder.Kind
    var patience: Int64 = 5_000_000_000
    switch request.verb {
    case .trace:
      let duration = try request.duration()
      kind = .trace(duration)
      patience += duration.wholeNanoseconds
    case .dump: kind = .dump
    default:
      kind = .requests
      patience = 300_000_000
    }
    let deadline = monotonicNanoseconds() + patience
    monitor?.orders.give(kind, to: workers, for: client, .control(request), until: deadline)
  }

  /// The workers that can be asked.
  var listeningWorkers: [(slot: Int, pid: pid_t, handshake: Handshake)] {
    (0..<scoreboard.count).compactMap { slot in
      let state = scoreboard[slot].state
      guard state == .ready || state == .draining, let handshake = handshakes[slot] else { return nil }
      return (slot, scoreboard[slot].pid, handshake)
    }
  }

  /// Sends the answers of workers to whom they are for.
  func concludeOrders(at now: Int64) {
    guard let monitor else { return }
    for order in monitor.orders.takeDone(at: now) where monitor.clients.contains(where: { $0 === order.client }) {
      let client = order.client
      let isThere =
        switch order.purpose {
        case .control(let request):
          client.send(reply(to: request, order).bytes, andEnd: false) && obey(client)
        case .metrics(let isHead): answerMetrics(client, isHead: isHead)
        }
      if !isThere { monitor.drop(client) }
    }
  }

  private func reply(to request: ControlRequest, _ order: WorkerOrders.Order) -> ControlReply {
    switch request.verb {
    case .trace:
      let events = order.parts.compactMap(\.answer).filter { !$0.isEmpty }
      return ControlReply(#"{"traceEvents":["# + events.joined(separator: ",\n") + "]}\n")
    case .top: return ControlReply(top(request, order))
    default: return ControlReply(dump(request, order))
    }
  }

  private func dump(_ request: ControlRequest, _ order: WorkerOrders.Order) -> String {
    let texts = order.parts.map { part in (part.pid, part.answer ?? silent(part)) }
    if request.isJSON {
      let objects = texts.map { pid, text in
        var object = JSONObject()
        object.add("pid", pid)
        object.add("dump", text)
        return object.text
      }
      return JSONText.list(objects) + "\n"
    }
    return texts.map { pid, text in "worker \(pid)\n\(text)\n" }.joined()
  }

  /// A worker that does not answer is busy with something, which is what whoever asks wants to know.
  private func silent(_ part: WorkerOrders.Part) -> String {
    let activity = scoreboard[part.slot].activity
    return "it does not answer" + (activity.isEmpty ? "" : ": it is busy with \(LogText.escaped(activity))") + "\n"
  }

  private func top(_ request: ControlRequest, _ order: WorkerOrders.Order) -> String {
    var requests: [TopFrame.Request] = []
    for part in order.parts {
      guard let answer = part.answer else {
        let activity = scoreboard[part.slot].activity
        if !activity.isEmpty { requests.append(TopFrame.Request(pid: part.pid, line: activity, since: nil)) }
        continue
      }
      requests += answer.split(separator: "\n").compactMap { TopFrame.Request($0, pid: part.pid) }
    }
    let frame = TopFrame(look(), since: order.client.lastLook, requests: requests)
    order.client.lastLook = frame.look
    return request.isJSON ? frame.json + "\n" : frame.text(rows: request.rows, columns: request.columns)
  }
}
