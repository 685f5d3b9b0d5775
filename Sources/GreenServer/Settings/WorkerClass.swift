/// How a worker process serves its connections.
public enum WorkerClass: String, Sendable, CaseIterable {
  /// One connection at a time, one request each.
  case sync
  /// A pool of threads, each serving one connection at a time.
  case thread
  /// A fiber for each connection, all on one thread.
  case green

  /// The class of that name, gunicorn's names included: `gevent` and `eventlet` are ``green``, `gthread` is
  /// ``thread``.
  public init?(name: String) {
    switch name {
    case "sync": self = .sync
    case "thread", "gthread": self = .thread
    case "green", "gevent", "eventlet", "asgi": self = .green
    // As gunicorn's command lines name the workers of applications in Python.
    case "uvicorn.workers.UvicornWorker", "uvicorn.workers.UvicornH11Worker", "uvicorn_worker.UvicornWorker":
      self = .green
    default: return nil
    }
  }

  static let spellings = "sync, green (or gevent, eventlet) or thread (or gthread)"
}
