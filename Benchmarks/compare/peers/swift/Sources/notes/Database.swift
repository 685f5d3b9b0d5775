import NIOPosix
import Synchronization

/// Blocking calls of libpq's on threads of their own, each with a connection: handlers await the answer.
final class Database: Sendable {
  private let url: String
  private let threads: NIOThreadPool
  private let idle = Mutex<[Connection]>([])

  /// As many threads and connections; a connection is opened when it is first needed.
  init(_ url: String, connections: Int) {
    self.url = url
    threads = NIOThreadPool(numberOfThreads: connections)
    threads.start()
  }

  /// What `read` makes of the rows of a statement with these values.
  func rows<Value: Sendable>(
    _ statement: String, _ values: String..., read: @escaping @Sendable (Row) throws -> Value
  ) async throws -> [Value] {
    try await threads.runIfActive { [self] in
      let connection = try idle.withLock { $0.popLast() } ?? Connection(url)
      defer { if connection.isOpen { idle.withLock { $0.append(connection) } } }
      return try connection.rows(statement, values, read)
    }
  }
}
