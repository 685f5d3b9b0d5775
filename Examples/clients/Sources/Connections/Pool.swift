internal import Green

/// Connections that are kept between requests, for fibers and threads alike. It has no limit of its own: there are as many
/// connections as requests were in progress at once.
public final class Pool<Connection>: @unchecked Sendable {
  /// Unsafe 1. A connection is lent to one at a time, and this is nobody's meanwhile.
  private struct Idle: @unchecked Sendable { let connection: Connection }

  private let idle = Mutex<[Idle]>([])
  private let connect: @Sendable () throws -> Connection

  /// An empty pool, whose connections are made by `connect` when they are needed.
  public init(_ connect: @escaping @Sendable () throws -> Connection) { self.connect = connect }

  /// Lends a connection to `body`. One with which it failed is not kept.
  public func with<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    let connection = try idle.withLock { $0.popLast() }?.connection ?? connect()
    let result = try body(connection)
    let returned = Idle(connection: connection)
    idle.withLock { $0.append(returned) }
    return result
  }
}
