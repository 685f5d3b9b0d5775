public import Green

/// What workers are and how many; properties of ``Configuration``.
public struct WorkerSettings: Sendable {
  /// How many worker processes serve; at least 1.
  public let workers = ServerSetting(
    "workers", "-w", "--workers", value: "COUNT", .number(1...mostWorkers), default: 1, variable: "WEB_CONCURRENCY",
    "How many worker processes there are.")

  /// How a worker serves its connections.
  public let workerClass = ServerSetting(
    "worker_class", "-k", "--worker-class", value: "CLASS", .workerClass, default: .sync,
    gunicorn: .differs("green stands for gevent and eventlet, thread for gthread; a class cannot be a Python path"),
    """
    sync: one connection at a time; green (or gevent, eventlet): a fiber for each connection; thread (or gthread): a pool \
    of threads. With --threads above 1, sync becomes thread.
    """)

  /// How many connections a worker of class ``WorkerClass/green`` or ``WorkerClass/thread`` has open at most. More
  /// connections wait in the kernel's backlog.
  public let workerConnections = ServerSetting(
    "worker_connections", "--worker-connections", value: "COUNT", .number(1...Int(Int32.max)), default: 1000,
    "How many connections a green or thread worker has open at most.")

  /// How many threads a worker of class ``WorkerClass/thread`` serves with.
  public let threads = ServerSetting(
    "threads", "--threads", value: "COUNT", .number(1...mostThreads), default: 1,
    "How many threads a thread worker has.")

  /// What the fibers in which a worker of class ``WorkerClass/green`` calls handlers have to themselves: with `.thread` they
  /// are whole threads to C and C++ libraries. The default is what `GREEN_HANDLER_ISOLATION` in the environment says.
  public let handlerIsolation = ServerSetting(
    "handler_isolation", "--handler-isolation", value: "KIND", .isolation, default: Settings.handlerIsolation.value,
    gunicorn: .none,
    "shared: the fibers of handlers share their thread's variables; thread: each is a whole thread to C.")

  /// How long a worker may show no sign of life before it is killed and replaced; zero is for ever.
  public let timeout = ServerSetting(
    "timeout", "-t", "--timeout", value: "SECONDS", .patience(zero: "ever"), default: .seconds(30),
    "How long a worker may show no sign of life before it is killed and replaced; 0: for ever.")

  /// How long a worker may take until it serves; zero is as long as ``timeout``. One that takes longer is ended, with what it
  /// was doing in the log: at first the server ends so, and at a reload the workers of before go on. gunicorn waits for ever.
  public let bootTimeout = ServerSetting(
    "boot_timeout", "--boot-timeout", value: "SECONDS", .patience(zero: "as long as timeout"), default: .zero,
    gunicorn: .none, "How long a worker may take until it serves; 0: as long as --timeout.")

  /// After how many requests a worker is replaced; zero is never. It serves on until its successor is ready, and at most one
  /// worker is being replaced at a time.
  public let maxRequests = ServerSetting(
    "max_requests", "--max-requests", value: "COUNT", .number(0...Int(Int32.max)), default: 0,
    gunicorn: .differs("the worker serves on until its successor is ready, and one is replaced at a time"),
    "After how many requests a worker is replaced by another; 0: never.")

  /// How many requests more than ``maxRequests`` a worker may serve: each draws a number from zero to this one.
  public let maxRequestsJitter = ServerSetting(
    "max_requests_jitter", "--max-requests-jitter", value: "COUNT", .number(0...Int(Int32.max)), default: 0,
    "How many requests more than --max-requests a worker may serve: each draws a number from 0 to this one.")

  /// How long a worker serves before it is replaced, as by ``maxRequests``; zero is for ever. gunicorn has no such setting.
  public let maxWorkerAge = ServerSetting(
    "max_worker_age", "--max-worker-age", value: "SECONDS", .patience(zero: "ever"), default: .zero, gunicorn: .none,
    "How long a worker serves before it is replaced by another; 0: for ever.")

  /// How much memory a worker may have, as `top` shows it (RES), before it is replaced, as by ``maxRequests``; zero is any
  /// amount. It is looked at once a second. gunicorn has no such setting.
  public let maxWorkerMemory = ServerSetting(
    "max_worker_memory", "--max-worker-memory", value: "BYTES", .bytes(0...1 << 50), default: 0, gunicorn: .none,
    "How much resident memory a worker may have before it is replaced by another, such as 512M; 0: any amount.")

  /// How long requests in progress may take once the server has been asked to stop.
  public let gracefulTimeout = ServerSetting(
    "graceful_timeout", "--graceful-timeout", value: "SECONDS", .patience(zero: "no time at all"),
    default: .seconds(30),
    "How long requests in progress may take when the server stops.")

  /// What fits on the scoreboard and into the variable that tells a worker what it inherits.
  static let mostWorkers = 4096
  /// What a process can have at the kernel's usual limits.
  static let mostThreads = 32_768
}
