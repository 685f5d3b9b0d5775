#if ServiceLifecycle
  public import GreenWeb
  public import ServiceLifecycle

  extension App {
    /// Has services of swift-service-lifecycle run in each worker process, in a `ServiceGroup`, as tasks on the
    /// worker's hub; in `sync` and `thread` workers on a thread with a hub. Comes with the package trait
    /// `ServiceLifecycle`.
    ///
    /// ```swift
    /// app.runServices { [connections, Refresher(prices)] }
    /// ```
    ///
    /// `services` is called in each worker before it serves; what it throws ends the worker. A worker that is asked to
    /// stop shuts its services down gracefully when its requests and its background work have ended, the last service
    /// first, and cancels them a moment before the graceful timeout is over. A worker whose services fail, or return
    /// where they should not, logs the error, finishes its requests and is replaced.
    ///
    /// Signals are the server's: the group gets none.
    public func runServices(_ services: @escaping @Sendable () throws -> [any Service]) {
      runServiceGroup { [unowned self] in
        ServiceGroupConfiguration(services: try services(), logger: logger)
      }
    }

    /// As ``runServices(_:)`` for services that may end: `configuration` says what follows from it, for each service.
    ///
    /// A service whose end is to shut down the group gracefully makes the worker stop gracefully and be replaced; the
    /// other services stop when the worker's requests have ended. The signals of the configuration are ignored.
    public func runServiceGroup(_ configuration: @escaping @Sendable () throws -> ServiceGroupConfiguration) {
      let services = WorkerServices()
      onWorkerStart { [unowned self] in try services.start(try configuration(), logger: logger) }
      onWorkerStop { services.stop(until: $0) }
    }
  }
#endif
