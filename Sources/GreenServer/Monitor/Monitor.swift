import CGlibc
import Glibc
import Green
import Logging

/// What the master does besides watching over workers: it answers Prometheus, probes and `greenfinch ctl`, and tells statsd.
///
/// All of it is done between two looks at the workers, by sockets that do not block: nobody who asks slowly, or never takes
/// the answer, holds the master up.
final class Monitor {
  private var doors: [MonitorDoor] = []
  /// What is to be opened once the master has gone whose place this one takes.
  private var closed: [MonitorDoor.Place] = []
  private(set) var clients: [MonitorClient] = []
  let statsd: Statsd?
  /// When statsd is told again, and closed doors are tried, in nanoseconds of `CLOCK_MONOTONIC`.
  private var statsdDue: Int64 = 0
  private var openingDue: Int64 = 0
  /// What applications count themselves.
  var figures = ApplicationFigures()
  /// What workers have been asked.
  var orders = WorkerOrders()

  /// At each kind of door: whoever can connect to that of the metrics keeps nobody from the control socket.
  static let mostClients = 100
  /// So many are let in before the workers are looked at again.
  private static let mostAtOnce = 32
  private static let second: Int64 = 1_000_000_000

  /// Opens what the settings name; `nil` where they name nothing. What another master still has open is opened when that one
  /// has gone, where this one takes its place. Throws ``MonitorFault`` and ``LogFault``.
  init?(_ configuration: Configuration, isSuccessor: Bool = false) throws {
    statsd = try Statsd(configuration)
    guard statsd != nil || configuration.isWatched else { return nil }
    for place in MonitorDoor.places(in: configuration) {
      do throws(MonitorFault) {
        doors.append(try MonitorDoor(place))
      } catch {
        guard isSuccessor && error.isInUse else {
          end()
          throw error
        }
        closed.append(place)
      }
    }
    if let statsd { ErrorLog.observe { statsd.note($0) } }
  }

  /// Where it listens, as the log tells it.
  var places: [String] {
    doors.map { $0.language == .http ? "\($0.listener.url)/metrics" : "control at \($0.listener.url)" }
  }

  /// What the master waits for besides its own; ``turn(_:_:)`` takes what came of it.
  var polled: [pollfd] {
    doors.map { pollfd(fd: $0.listener.listener.descriptor, events: Int16(POLLIN), revents: 0) }
      + clients.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
  }

  /// When it has something to do at the latest.
  var due: Int64? {
    var times = clients.filter { !$0.isWaiting }.map(\.deadline)
    if statsd != nil { times.append(statsdDue) }
    if !closed.isEmpty { times.append(openingDue) }
    if let deadline = orders.deadline { times.append(deadline) }
    return times.min()
  }

  /// Does what is to be done: `polled` is what ``polled`` was, after the wait.
  func turn(_ polled: some Collection<pollfd>, _ arbiter: Arbiter) {
    let now = monotonicNanoseconds()
    for (client, entry) in zip(clients, polled.dropFirst(doors.count)) where entry.revents != 0 {
      if !serve(client, entry.revents, arbiter) { drop(client) }
    }
    for (door, entry) in zip(doors, polled) where entry.revents != 0 {
      for client in accept(at: door) where !serve(client, Int16(POLLIN), arbiter) { drop(client) }
    }
    for client in clients where now >= client.deadline && !client.isWaiting { drop(client) }
    arbiter.concludeOrders(at: now)
    if let statsd, now >= statsdDue {
      statsdDue = now + Self.second
      arbiter.tell(statsd)
    }
    if !closed.isEmpty && now >= openingDue {
      openingDue = now + Self.second
      openClosed()
    }
  }

  private func openClosed() {
    closed.removeAll { place in
      guard let door = try? MonitorDoor(place) else { return false }
      doors.append(door)
      return true
    }
  }

  private func accept(at door: MonitorDoor) -> [MonitorClient] {
    var fresh: [MonitorClient] = []
    for _ in 0..<Self.mostAtOnce {
      let descriptor = cglibc_accept(door.listener.listener.descriptor, nil, nil)
      guard descriptor >= 0 else { return fresh }
      let client = MonitorClient(descriptor, door.language)
      if door.language == .control && !ControlSocket.trusts(peerOf: descriptor) { continue }
      guard makeRoom(at: door) else { continue }
      clients.append(client)
      fresh.append(client)
    }
    return fresh
  }

  /// Whether one more may come. Over HTTP the one goes for it who has been asking, or taking an answer, the longest.
  private func makeRoom(at door: MonitorDoor) -> Bool {
    let others = clients.filter { $0.language == door.language }
    if others.count < Self.mostClients { return true }
    guard door.language == .http, let oldest = others.first(where: { !$0.isWaiting }) else { return false }
    drop(oldest)
    return true
  }

  /// False where the connection has ended.
  private func serve(_ client: MonitorClient, _ events: Int16, _ arbiter: Arbiter) -> Bool {
    if client.isWaiting { return events & Int16(POLLHUP | POLLERR) == 0 }
    if events & Int16(POLLOUT) != 0 {
      guard client.flush() else { return false }
    } else if !client.receive() {
      return false
    }
    switch client.language {
    case .http: return arbiter.answerHTTP(client)
    case .control: return arbiter.obey(client)
    }
  }

  func drop(_ client: MonitorClient) { clients.removeAll { $0 === client } }

  /// Closes everything, and removes what was made.
  func end() {
    clients = []
    for door in doors {
      door.listener.removeFile()
      door.listener.close()
    }
    doors = []
  }
}

extension Configuration {
  /// Whether somebody may ask for figures, so that workers count.
  var isWatched: Bool { !self.metricsBind.isEmpty || self.controlSocket != nil }
}
