internal import Glibc
public import Green
internal import GreenHTTP
internal import SystemPackage

/// One connection to a Redis server.
///
/// A ``Redis`` hands them out by `withConnection(_:)`, for what must go by one: `WATCH`, `CLIENT`. Fibers, threads and tasks may
/// share one: their commands are then carried out one after the other.
///
/// Unsafe as `Sendable`: what changes is used by one at a time, who has its turn.
public final class RedisConnection: @unchecked Sendable {
  private let socket: Socket
  /// What is spoken over: the socket, or TLS over it.
  private let stream: any ByteStream
  private let reader: ReplyReader
  private let turn = Semaphore(1)
  private let timeout: Duration
  private var isBroken = false
  private var left = ConversationState()
  /// In a forked child, what is sent would come between the parent's words.
  private let generation = ForkHandler.generation

  init(_ socket: Socket, over stream: any ByteStream, timeout: Duration) throws {
    guard let reader = ReplyReader() else { throw RedisConnectionError.refused("memory is short") }
    self.socket = socket
    self.stream = stream
    self.reader = reader
    self.timeout = timeout
  }

  /// Sends commands together, and returns their answers, of which each may be an error.
  ///
  /// - Parameter patience: how much longer than usual the answers may take: for commands that wait.
  func exchange(_ commands: [RedisCommand], patience: Duration = .zero) throws -> [RedisValue] {
    if commands.isEmpty { return [] }
    return try exclusively {
      let deadline = Deadline.after(timeout + patience)
      try send(commands, until: deadline)
      let answers = try commands.map { _ in try receive(until: deadline) }
      for command in commands { left.note(command) }
      return answers
    }
  }

  /// As ``exchange(_:patience:)``, for what makes the connection what all who get it expect: a user, a database.
  func begin(with commands: [RedisCommand]) throws {
    for answer in try exchange(commands) { if case .error(let error) = answer { throw error } }
    left = ConversationState()
  }

  /// Calls `body` when nobody else uses the connection. Whatever is thrown in it leaves the conversation with the
  /// server out of step, so that the connection is given up.
  func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
    guard generation == ForkHandler.generation else {
      throw RedisConnectionError.lost("it belongs to the process that this one was forked from")
    }
    try turn.wait()
    defer { turn.signal() }
    if isBroken { throw RedisConnectionError.closed }
    do {
      return try body()
    } catch {
      isBroken = true
      throw explained(error)
    }
  }

  /// What is told of an error below.
  func explained(_ error: any Error) -> any Error {
    switch error {
    case Errno.timedOut: RedisConnectionError.timedOut(timeout)
    case let error as Errno: RedisConnectionError.lost("\(error)")
    case is RedisConnectionError, is RedisError, is CancellationError, is TimeoutError: error
    // What TLS has to tell.
    default: stream.isEncrypted ? RedisConnectionError.lost("\(error)") : error
    }
  }

  func send(_ commands: [RedisCommand], until deadline: Deadline) throws {
    var bytes: [UInt8] = []
    for command in commands { command.write(to: &bytes) }
    try bytes.withUnsafeBytes { try stream.send($0, until: deadline) }
  }

  /// The next answer. Parks or blocks until it has come as a whole.
  func receive(until deadline: Deadline) throws -> RedisValue {
    while true {
      if let value = try reader.next() { return value }
      try fill(until: deadline)
    }
  }

  private func fill(until deadline: Deadline) throws {
    // TLS may hold what the socket has no more.
    if !stream.isEncrypted { try waitForInput(until: deadline) }
    try withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
      let count = try stream.receive(into: buffer, until: deadline)
      if count == 0 { throw RedisConnectionError.lost("Redis has closed it") }
      try reader.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private func waitForInput(until deadline: Deadline) throws {
    var entry = pollfd(fd: socket.descriptor, events: CShort(POLLIN), revents: 0)
    try withUnsafeMutablePointer(to: &entry) {
      try Readiness.waitInTask(for: UnsafeMutableBufferPointer(start: $0, count: 1), until: deadline)
    }
  }

  /// Ends the connection; whoever waits for an answer gets an error.
  public func close() { socket.close() }
}

extension RedisConnection: PooledConnection {
  /// Whether it is in step with the server, which has not closed it, and nobody has left it within a `MULTI`, a `WATCH`, or another
  /// database.
  public func isUsable() -> Bool {
    guard generation == ForkHandler.generation, turn.waitIfAvailable() else { return false }
    defer { turn.signal() }
    guard !isBroken, left.isFresh, socket.descriptor >= 0 else { return false }
    var byte: UInt8 = 0
    // Nothing is to come unasked.
    return recv(socket.descriptor, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT)) < 0
      && (errno == EAGAIN || errno == EINTR)
  }
}
