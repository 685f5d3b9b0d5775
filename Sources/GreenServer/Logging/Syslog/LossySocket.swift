import CGlibc
import Glibc
import Green
import SystemPackage

/// A socket that messages are sent by and that nobody waits for: what its peer does not take is lost, and counted. A peer
/// that has gone is connected to again, once a second at most. Any thread may send.
final class LossySocket: Sendable {
  struct State {
    var descriptor: CInt = -1
    var isStream = false
    /// What a stream has not taken yet, and how many messages end in it.
    var rest: [UInt8] = []
    var messages = 0
    /// When a connection is tried again, in nanoseconds of `CLOCK_MONOTONIC`.
    var retryAt: Int64 = 0
    var lost = 0
  }

  private let address: SocketAddress
  private let kind: PeerAddress.Kind?
  let state = Guarded(State())

  private static let pause: Int64 = 1_000_000_000
  /// How much is kept for a stream that is slow, or is being connected.
  private static let mostRest = 65_536

  /// Connects at the first message. Blocks while a name server is asked.
  init(_ peer: PeerAddress) throws(BindError) {
    address = try peer.resolved()
    kind = peer.kind
    noteExistence()
  }

  deinit {
    let descriptor = state.withLock { $0.descriptor }
    if descriptor >= 0 { close(descriptor) }
  }

  /// Messages that were lost since it was last asked.
  func takeLost() -> Int {
    state.withLock { state in
      defer { state.lost = 0 }
      return state.lost
    }
  }

  /// Sends the message that `make` makes, of which it is told whether it is a part of a stream; false where it was lost.
  /// Never waits: the lock keeps the redirect out, and the socket does not block.
  @discardableResult
  func send(_ make: (_ isStream: Bool) -> [UInt8]) -> Bool {
    state.withLock { state in
      guard connect(&state) else {
        state.lost += 1
        return false
      }
      let message = make(state.isStream)
      let isTaken = state.isStream ? append(message, &state) : sendDatagram(message, &state)
      if !isTaken { state.lost += 1 }
      return isTaken
    }
  }

  private func connect(_ state: inout State) -> Bool {
    if state.descriptor >= 0 { return true }
    guard monotonicNanoseconds() >= state.retryAt else { return false }
    switch kind {
    case .datagram: open(.datagram, &state)
    case .stream: open(.stream, &state)
    case nil:
      open(.datagram, &state)
      // EPROTOTYPE: a socket of the other kind is there.
      if state.descriptor < 0 { open(.stream, &state) }
    }
    if state.descriptor < 0 { state.retryAt = monotonicNanoseconds() + Self.pause }
    return state.descriptor >= 0
  }

  private func open(_ kind: PeerAddress.Kind, _ state: inout State) {
    let isStream = kind == .stream
    let descriptor = cglibc_socket(address.family, isStream ? cglibc_sock_stream() : cglibc_sock_dgram())
    guard descriptor >= 0 else { return }
    let result = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 || errno == EINPROGRESS else { return _ = close(descriptor) }
    (state.descriptor, state.isStream) = (descriptor, isStream)
  }

  private func sendDatagram(_ message: [UInt8], _ state: inout State) -> Bool {
    // A refusal that the kernel tells is of the message before.
    for _ in 0..<2 {
      if Glibc.send(state.descriptor, message, message.count, cglibc_send_flags()) >= 0 { return true }
      if errno == EINTR { continue }
      guard errno == ECONNREFUSED, address.family != AF_UNIX else { break }
    }
    if errno != EAGAIN && errno != EMSGSIZE && errno != ENOBUFS { disconnect(&state) }
    return false
  }

  private func append(_ message: [UInt8], _ state: inout State) -> Bool {
    flush(&state)
    guard state.descriptor >= 0, state.rest.count + message.count <= Self.mostRest else { return false }
    state.rest += message
    state.messages += 1
    flush(&state)
    if state.descriptor >= 0 { return true }
    // Whoever sends it counts it.
    state.lost -= 1
    return false
  }

  func flush(_ state: inout State) {
    while !state.rest.isEmpty {
      let count = Glibc.send(state.descriptor, state.rest, state.rest.count, cglibc_send_flags())
      if count >= 0 {
        state.rest.removeFirst(count)
      } else if errno != EINTR {
        if errno == EAGAIN { Self.noteRest() } else { disconnect(&state) }
        return
      }
    }
    state.messages = 0
  }

  /// The peer has gone, and with it what it had not taken.
  func disconnect(_ state: inout State) {
    close(state.descriptor)
    state.descriptor = -1
    state.retryAt = monotonicNanoseconds() + Self.pause
    state.lost += state.messages
    state.messages = 0
    state.rest = []
  }
}
