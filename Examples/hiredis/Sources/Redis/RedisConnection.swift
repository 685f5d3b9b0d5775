internal import CHiredis
public import Green

/// A connection to a Redis server, used in blocking style: ``command(_:until:)`` parks the calling fiber until the reply is
/// there. Many fibers may use one connection at once; their commands are pipelined, and each gets its own reply.
///
/// Underneath it is hiredis' asynchronous client with its libev adapter, on the hub's own loop: no thread, no second
/// loop, and no polling. It belongs to the hub that made it, and is to be closed before that ends.
public final class RedisConnection {
  /// Unsafe: hiredis owns the memory, and frees it after the callbacks that set this to `nil`.
  private var context: UnsafeMutablePointer<redisAsyncContext>?
  private let connected = Reply()

  /// Connects to a server. Parks until the connection stands or has failed.
  ///
  /// - Throws: ``RedisError`` with hiredis' words, `Errno.timedOut` at the deadline.
  public init(host: String = "127.0.0.1", port: UInt16 = 6379, until deadline: Deadline = .never) throws {
    guard let hub = Hub.current else { throw HubError.outside }
    // By Green's resolver: hiredis would block the thread with getaddrinfo.
    guard let address = try Resolver.addresses(of: host, port: port, until: deadline).first else {
      throw RedisError("\(host) has no address")
    }
    guard let context = redisAsyncConnect(address.host, CInt(port)) else { throw RedisError("out of memory") }
    guard context.pointee.err == 0 else {
      defer { redisAsyncFree(context) }
      throw RedisError(String(cString: context.pointee.errstr))
    }
    self.context = context
    context.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    redisLibevAttach(hub.loop, context)
    redisAsyncSetConnectCallback(context) { context, status in
      RedisConnection.of(context)?.hasConnected(status, context!)
    }
    redisAsyncSetDisconnectCallback(context) { context, _ in RedisConnection.of(context)?.context = nil }
    _ = try connected.value(until: deadline)
  }

  deinit { close() }

  /// Runs a command and returns its reply. Parks until it is there.
  ///
  /// - Throws: ``RedisError`` with the server's words where the reply is an error, or when the connection ends before it;
  ///   `Errno.timedOut` at the deadline; `CancellationError` and `TimeoutError` as every wait. The command may have been
  ///   run then: its reply is thrown away, and the connection goes on.
  @discardableResult
  public func command(_ arguments: String..., until deadline: Deadline = .never) throws -> RedisValue {
    guard let context else { throw RedisError("the connection is closed") }
    guard !arguments.isEmpty else { throw RedisError("a command needs a name") }
    let reply = Reply()
    // Released by the callback, which hiredis calls once in any case.
    let pending = Unmanaged.passRetained(reply)
    let texts = arguments.map { Array($0.utf8CString) }
    let status = withPointers(texts) { pointers in
      redisAsyncCommandArgv(
        context,
        { context, reply, pending in
          let error = context!.pointee.errstr.map { String(cString: $0) }
          let reply = reply?.assumingMemoryBound(to: redisReply.self)
          Unmanaged<Reply>.fromOpaque(pending!).takeRetainedValue().set(RedisValue.result(reply, error))
        }, pending.toOpaque(), CInt(arguments.count), pointers, texts.map { $0.count - 1 })
    }
    guard status == REDIS_OK else {
      pending.release()
      throw RedisError("the connection is being closed")
    }
    return try reply.value(until: deadline)
  }

  /// Closes the connection; commands without a reply fail. Never parks. Closing twice does nothing.
  public func close() {
    guard let closing = context else { return }
    context = nil
    closing.pointee.data = nil
    redisAsyncFree(closing)
  }

  private func hasConnected(_ status: CInt, _ context: UnsafePointer<redisAsyncContext>) {
    if status == REDIS_OK { return connected.set(.success(.null)) }
    // hiredis frees the context after this.
    self.context = nil
    connected.set(.failure(RedisError(String(cString: context.pointee.errstr))))
  }

  private static func of(_ context: UnsafePointer<redisAsyncContext>?) -> RedisConnection? {
    context?.pointee.data.map { Unmanaged<RedisConnection>.fromOpaque($0).takeUnretainedValue() }
  }

  private func withPointers<Result>(_ texts: [[CChar]], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Result)
    -> Result
  {
    let all = texts.reduce(into: [], +=)
    return all.withUnsafeBufferPointer { all in
      var next = all.baseAddress!
      var pointers: [UnsafePointer<CChar>?] = texts.map { text in
        defer { next += text.count }
        return next
      }
      return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
  }
}

/// What a fiber waits for, and a callback in the hub brings: the callback must not park, and sets an event.
private final class Reply {
  private let isThere = Event()
  private var result: Result<RedisValue, RedisError>?

  func set(_ result: Result<RedisValue, RedisError>) {
    self.result = result
    isThere.set()
  }

  func value(until deadline: Deadline) throws -> RedisValue {
    try isThere.wait(until: deadline)
    return try result!.get()
  }
}
