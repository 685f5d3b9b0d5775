internal import CGlibc
internal import Glibc
public import Green

/// A DNS server of the test's own, over UDP and TCP, on a thread of its own: it answers what the test says, late,
/// wrongly or not at all, and counts what it was asked.
public final class NameServer: Sendable {
  public enum Reaction: Sendable {
    /// These bytes, cut and marked so where they do not fit into 512 over UDP.
    case answer([UInt8], after: Duration = .zero)
    /// Several, one after the other, over UDP.
    case answers([[UInt8]])
    case silence
    /// Over TCP: end the connection.
    case hangUp
  }

  private struct Counts {
    var all: [String] = []
    var overTCP = 0
    var ports: [UInt16: Int] = [:]
    var isStopped = false
  }

  public let address: SocketAddress
  private let react: @Sendable (Query) -> Reaction
  private let counts = Mutex(Counts())
  private let datagrams: CInt
  private let listener: CInt
  private let thread = Mutex<pthread_t?>(nil)

  /// - Parameter port: 0 for one that is free.
  public init(at host: String = "127.0.0.1", port: UInt16 = 0, _ react: @escaping @Sendable (Query) -> Reaction) throws
  {
    self.react = react
    var found: (SocketAddress, CInt, CInt)?
    // The free port of one transport may be taken in the other.
    for _ in 0..<20 where found == nil {
      let (datagrams, bound) = try Self.bind(SocketAddress(host: host, port: port)!, cglibc_sock_dgram())
      do {
        let (listener, _) = try Self.bind(bound, cglibc_sock_stream())
        listen(listener, 100)
        found = (bound, datagrams, listener)
      } catch {
        close(datagrams)
        if port != 0 { throw error }
      }
    }
    guard let found else { throw NameServerError(reason: "no free port") }
    (address, datagrams, listener) = found
    var size: CInt = 8 << 20
    // SO_RCVBUFFORCE and SO_RCVBUF: the first where the test may.
    for option in [CInt(33), SO_RCVBUF, CInt(32), SO_SNDBUF] {
      setsockopt(datagrams, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<CInt>.size))
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      {
        Unmanaged<NameServer>.fromOpaque($0!).takeRetainedValue().serve()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    self.thread.withLock { $0 = thread }
  }

  private static func bind(_ address: SocketAddress, _ type: CInt) throws -> (CInt, SocketAddress) {
    let descriptor = cglibc_socket(address.family, type)
    if type == cglibc_sock_stream() {
      // Not for datagrams: the kernel may give the same free port to two servers that both allow it, and each then
      // answers the other's questions.
      var on: CInt = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
    }
    guard descriptor >= 0, address.withSockaddr({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw NameServerError(reason: reason)
    }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
        return (descriptor, SocketAddress($0, length: length)!)
      }
    }
  }

  /// The questions so far, as "NAME TYPE", in the order in which they came.
  public var questions: [String] { counts.withLock { $0.all } }

  /// How often a name was asked for, of any type.
  public func count(of name: String) -> Int { questions.count { $0.hasPrefix(name + " ") } }

  public var countOverTCP: Int { counts.withLock { $0.overTCP } }

  /// How many questions came over UDP, by the port that they came from.
  public var questionsByPort: [UInt16: Int] { counts.withLock { $0.ports } }

  public func stop() {
    counts.withLock { $0.isStopped = true }
    if let thread = thread.withLock({ $0.take() }) { pthread_join(thread, nil) }
  }

  // ---- The server's thread ----

  private struct Reply {
    let due: Int64
    let bytes: [UInt8]
    let descriptor: CInt
    /// `nil` over TCP.
    let peer: SocketAddress?
  }

  private func serve() {
    var connections: [CInt: [UInt8]] = [:]
    var replies: [Reply] = []
    while !counts.withLock({ $0.isStopped }) {
      var entries = ([datagrams, listener] + connections.keys).map {
        pollfd(fd: $0, events: CShort(POLLIN), revents: 0)
      }
      let now = Deadline.now.nanoseconds
      let next = replies.first.map { max(0, min(20, ($0.due - now + 999_999) / 1_000_000)) } ?? 20
      poll(&entries, nfds_t(entries.count), CInt(next))
      for entry in entries where entry.revents != 0 {
        if entry.fd == datagrams {
          takeDatagrams(&replies)
        } else if entry.fd == listener {
          let connection = accept(listener, nil, nil)
          if connection >= 0 { connections[connection] = [] }
        } else {
          takeStream(entry.fd, &connections, &replies)
        }
      }
      let late = Deadline.now.nanoseconds
      let due = replies.prefix { $0.due <= late }
      for reply in due { send(reply) }
      replies.removeFirst(due.count)
    }
    for descriptor in [datagrams, listener] + connections.keys { close(descriptor) }
  }

  private func takeDatagrams(_ replies: inout [Reply]) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let (count, peer) = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          let count = recvfrom(datagrams, &buffer, buffer.count, 0, $0, &length)
          return (count, count < 0 ? nil : SocketAddress($0, length: length))
        }
      }
      guard count >= 0 else { return }
      guard let query = Query(buffer[..<count], isOverTCP: false), let peer else { continue }
      counts.withLock { $0.ports[UInt16(peer.port ?? 0), default: 0] += 1 }
      var answers: [[UInt8]] = []
      var due = Deadline.now
      switch reaction(to: query) {
      case .answer(let bytes, let delay):
        answers = [bytes]
        due = .after(delay)
      case .answers(let all): answers = all
      case .silence, .hangUp: break
      }
      for bytes in answers {
        let fitting = bytes.count > 512 ? query.answer(isTruncated: true) : bytes
        queue(Reply(due: due.nanoseconds, bytes: fitting, descriptor: datagrams, peer: peer), &replies)
      }
    }
  }

  private func takeStream(_ connection: CInt, _ connections: inout [CInt: [UInt8]], _ replies: inout [Reply]) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(connection, &buffer, buffer.count, 0)
    guard count > 0 else {
      connections[connection] = nil
      close(connection)
      return
    }
    var bytes = connections[connection]! + buffer[..<count]
    while bytes.count > 2, bytes.count >= 2 + (Int(bytes[0]) << 8 | Int(bytes[1])) {
      let length = Int(bytes[0]) << 8 | Int(bytes[1])
      let query = Query(bytes[2..<(2 + length)], isOverTCP: true)
      bytes.removeFirst(2 + length)
      guard let query else { continue }
      switch reaction(to: query) {
      case .answer(let answer, let delay):
        let framed = Record.bytes(UInt16(answer.count)) + answer
        queue(Reply(due: Deadline.after(delay).nanoseconds, bytes: framed, descriptor: connection, peer: nil), &replies)
      case .silence, .answers: break
      case .hangUp:
        connections[connection] = nil
        close(connection)
        return
      }
    }
    connections[connection] = bytes
  }

  private func reaction(to query: Query) -> Reaction {
    counts.withLock {
      $0.all.append("\(query.name) \(query.type)")
      if query.isOverTCP { $0.overTCP += 1 }
    }
    return react(query)
  }

  /// In the order in which they are due.
  private func queue(_ reply: Reply, _ replies: inout [Reply]) {
    let index = replies.lastIndex { $0.due <= reply.due }.map { $0 + 1 } ?? 0
    replies.insert(reply, at: index)
  }

  private func send(_ reply: Reply) {
    if let peer = reply.peer {
      _ = reply.bytes.withUnsafeBytes { bytes in
        peer.withSockaddr { sendto(reply.descriptor, bytes.baseAddress, bytes.count, 0, $0, $1) }
      }
    } else {
      _ = reply.bytes.withUnsafeBytes { Glibc.send(reply.descriptor, $0.baseAddress, $0.count, cglibc_send_flags()) }
    }
  }
}

struct NameServerError: Error {
  let reason: String
}
