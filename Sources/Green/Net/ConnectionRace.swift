internal import Glibc
internal import SystemPackage

/// Staggered attempts to connect to the addresses of one host, RFC 8305 section 5. One fiber or thread makes them all:
/// the sockets do not block, and are waited for together, and with them addresses that are still being looked up.
struct ConnectionRace {
  private let target: String
  private let configure: ((Socket) throws -> Void)?
  private let arrival: AddressArrival?
  private var untried: ArraySlice<SocketAddress>
  private var tried: [SocketAddress] = []
  private var underWay: [Socket] = []
  private var failures: [ConnectError.Attempt] = []

  init(to target: String, _ addresses: [SocketAddress], _ configure: ((Socket) throws -> Void)?) {
    self.target = target
    self.configure = configure
    arrival = nil
    untried = Self.interleaved(addresses)[...]
  }

  /// With the addresses that have arrived; those that arrive later take part too.
  init(to target: String, _ arrival: AddressArrival, _ configure: ((Socket) throws -> Void)?) {
    self.target = target
    self.configure = configure
    self.arrival = arrival
    untried = Self.interleaved(arrival.addresses)[...]
  }

  /// The addresses of each family in their order, the families by turns: RFC 8305 section 4 with a First Address Family
  /// Count of one.
  ///
  /// - Parameter last: the family whose turn was the last, so that it is another one's now.
  static func interleaved(_ addresses: [SocketAddress], after last: CInt? = nil) -> [SocketAddress] {
    guard let start = addresses.first(where: { $0.family != last }) ?? addresses.first else { return [] }
    let first = addresses.filter { $0.family == start.family }
    let others = addresses.filter { $0.family != start.family }
    return (0..<max(first.count, others.count)).flatMap {
      first.dropFirst($0).prefix(1) + others.dropFirst($0).prefix(1)
    }
  }

  /// Whether there is, or will be, nothing to try any more.
  private var isExhausted: Bool { untried.isEmpty && arrival?.isComplete ?? true }

  consuming func run(delay: Duration, until deadline: Deadline) throws -> Socket {
    defer { for socket in underWay { socket.close() } }
    let delay = max(delay, .milliseconds(10))
    var nextBegins = Deadline.now
    while true {
      takeArrived()
      if !untried.isEmpty && (underWay.isEmpty || nextBegins.hasPassed) && !deadline.hasPassed {
        let count = failures.count
        if let winner = try begin(untried.removeFirst()) { return winner }
        nextBegins = failures.count > count ? .now : .after(delay)
        continue
      }
      if underWay.isEmpty && (isExhausted || deadline.hasPassed) { throw failure(isTimedOut: !isExhausted) }
      do {
        if let winner = try wait(until: untried.isEmpty ? deadline : min(deadline, nextBegins), &nextBegins) {
          return winner
        }
      } catch Errno.timedOut {
        if deadline.hasPassed { throw failure(isTimedOut: true) }
      }
    }
  }

  private mutating func takeArrived() {
    guard let arrival, arrival.takeMore() else { return }
    untried = Self.interleaved(arrival.addresses.filter { !tried.contains($0) }, after: tried.last?.family)[...]
  }

  /// - Returns: the socket if it is connected already.
  private mutating func begin(_ address: SocketAddress) throws -> Socket? {
    tried.append(address)
    let socket: Socket
    do {
      socket = try Socket.unconnected(for: address)
    } catch {
      failures.append(.init(address: address, error: error))
      return nil
    }
    try configure?(socket)
    switch socket.beginConnecting(to: address) {
    case .connected: return socket
    case .underWay: underWay.append(socket)
    case .failed(let error): failures.append(.init(address: address, error: error))
    }
    return nil
  }

  /// Waits until an attempt has ended, or more addresses have arrived.
  ///
  /// - Returns: the socket that is connected. Where an attempt has failed, the next is to begin at once.
  private mutating func wait(until deadline: Deadline, _ nextBegins: inout Deadline) throws -> Socket? {
    var entries = underWay.map { pollfd(fd: $0.descriptor, events: CShort(POLLOUT), revents: 0) }
    try entries.withUnsafeMutableBufferPointer {
      if let arrival, !arrival.isComplete {
        try arrival.wait(for: $0, until: deadline)
      } else {
        try Readiness.wait(for: $0, until: deadline)
      }
      _ = try Readiness.look(at: $0)
    }
    for (socket, entry) in zip(underWay, entries) where entry.revents != 0 {
      underWay.removeAll { $0 === socket }
      do throws(Errno) {
        try socket.checkConnected()
        return socket
      } catch {
        failures.append(.init(address: socket.peer!, error: error))
        nextBegins = .now
        socket.close()
      }
    }
    return nil
  }

  /// Why nothing is left to wait for; attempts that were still under way have run out of time.
  private func failure(isTimedOut: Bool) -> ConnectError {
    let late = underWay.map { ConnectError.Attempt(address: $0.peer!, error: .timedOut) }
    return ConnectError(target: target, attempts: failures + late, untried: Array(untried), isTimedOut: isTimedOut)
  }
}
