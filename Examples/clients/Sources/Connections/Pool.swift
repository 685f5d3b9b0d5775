internal import Green

/// Connections that are kept between requests, for fibers and threads alike. It has no limit of its own: there are as many
/// connections as requests were in progress at once.
public final class Pool<Connection>: @unchecked Sendable {
  private let idle = Mutex<[Connection]>([])
  private let connect: @Sendable () throws -> Connection

  /// An empty pool, whose connections are made by `connect` when they are needed.
  public init(_ connect: @escaping @Sendable () throws -> Connection) { self.connect = connect }

  /// Lends a connection to `body`. One with which it failed is not kept.
  public func with<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    let connection = try idle.withLock { $0.popLast() } ?? connect()
    let result = try body(connection)
    idle.withLock { $0.append(connection) }
    return result
  }
}
