import CGlibc
import Glibc
import Green

/// Somebody who asks the master something, over HTTP or at the control socket. The master never waits for one: what it
/// sends is kept until it is taken, for a while.
final class MonitorClient {
  enum Language {
    case http, control
  }

  let descriptor: CInt
  let language: Language
  /// What has come and has not been answered.
  private(set) var input: [UInt8] = []
  private var output: [UInt8] = []
  /// Whether the connection ends once everything has been taken.
  private(set) var endsWhenSent = false
  /// Whether it sends no more. What it has asked is answered all the same.
  private(set) var hasInputEnded = false
  /// Whether it has all that it is to be sent, and is read from until it ends too.
  private var isLingering = false
  /// How much more is read of one that lingers.
  private var left = 1 << 20
  /// Until when at most it is read from then.
  private var lingersUntil = Int64.max
  /// How much of what has come was found to be no whole request.
  var scanned = 0
  /// Whether it waits for workers; it is read no further meanwhile.
  var isWaiting = false
  /// When it is given up, in nanoseconds of `CLOCK_MONOTONIC`.
  private(set) var deadline: Int64
  /// What it was shown last, of those who look again and again.
  var lastLook: ServerLook?

  static let mostInput = 16_384
  /// How long a client may take to ask, and to take an answer.
  static let patience: Int64 = 10_000_000_000
  /// How long one that has its answer is read from after the last that has come, ``patience`` at most in all.
  static let lingering: Int64 = 1_000_000_000
  /// How long one at the control socket may be silent: `top` asks again and again.
  static let controlPatience: Int64 = 3_600_000_000_000

  /// Takes over a connection.
  init(_ descriptor: CInt, _ language: Language) {
    self.descriptor = descriptor
    self.language = language
    deadline = monotonicNanoseconds() + Self.patience
  }

  deinit { close(descriptor) }

  /// Whether it has taken what it was sent.
  var hasTakenAll: Bool { output.isEmpty }

  /// What is to be waited for.
  var events: Int16 {
    if !output.isEmpty { return Int16(POLLOUT) }
    // One that waits for workers is still noticed when it goes.
    return isWaiting || hasInputEnded ? 0 : Int16(POLLIN)
  }

  /// Reads what has come; false where the client has gone, or sends too much. Over HTTP that is answered.
  func receive() -> Bool {
    if isLingering { return discard() }
    if isWaiting || endsWhenSent || hasInputEnded { return true }
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { room in
      while true {
        let count = recv(descriptor, room.baseAddress, room.count, cglibc_receive_flags())
        if count > 0 {
          input += room[..<count]
          if input.count > Self.mostInput { return language == .http }
        } else if count == 0 {
          hasInputEnded = true
          return !input.isEmpty || !output.isEmpty
        } else if errno != EINTR {
          return errno == EAGAIN
        }
      }
    }
  }

  /// Takes a line out of what has come, without its end; `nil` where there is none yet.
  func takeLine() -> String? {
    guard let end = input.firstIndex(of: 0x0a) else { return nil }
    var line = input[..<end]
    if line.last == 0x0d { line.removeLast() }
    let text = String(decoding: line, as: UTF8.self)
    input.removeSubrange(...end)
    return text
  }

  /// Sends an answer, as far as the client takes it now. False where it has gone.
  func send(_ bytes: some Sequence<UInt8>, andEnd ends: Bool) -> Bool {
    output += bytes
    if ends { endsWhenSent = true }
    deadline = monotonicNanoseconds() + Self.patience
    return flush()
  }

  /// Goes on sending. False where the connection has ended.
  func flush() -> Bool {
    while !output.isEmpty {
      let count = Glibc.send(descriptor, output, output.count, cglibc_send_flags())
      if count >= 0 {
        output.removeFirst(count)
      } else if errno != EINTR {
        return errno == EAGAIN
      }
    }
    if language == .control { deadline = monotonicNanoseconds() + Self.controlPatience }
    return !endsWhenSent || linger()
  }

  /// To close with bytes unread would reset the connection, and might destroy the answer (RFC 9112, 9.6). False where the
  /// client has ended already.
  private func linger() -> Bool {
    if hasInputEnded { return false }
    isLingering = true
    let now = monotonicNanoseconds()
    deadline = now + Self.lingering
    lingersUntil = now + Self.patience
    shutdown(descriptor, CInt(SHUT_WR))
    return discard()
  }

  /// Reads what has come, not more at once than takes a moment, and forgets it.
  private func discard() -> Bool {
    let before = left
    defer { if left < before { deadline = min(monotonicNanoseconds() + Self.lingering, lingersUntil) } }
    return withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { room in
      for _ in 0..<16 {
        let count = recv(descriptor, room.baseAddress, room.count, cglibc_receive_flags())
        if count > 0 {
          left -= count
          if left <= 0 { return false }
        } else if count == 0 || errno != EINTR {
          return count < 0 && errno == EAGAIN
        }
      }
      return true
    }
  }
}
