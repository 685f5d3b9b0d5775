internal import Green
internal import SystemPackage

extension Request {
  /// Whether nobody waits for the answer any more: the client has ended the connection, or its sending direction. A system call
  /// each time; neither parks nor blocks. `false` where that cannot be known.
  ///
  /// ```swift
  /// for part in parts where !request.isAbandoned { try compute(part) }
  /// ```
  public var isAbandoned: Bool { storage.origin?.isAbandoned ?? false }

  /// Calls `body`, in which waits end with `CancellationError` once the client has gone (``isAbandoned``): work that nobody
  /// waits for holds nothing. The calling fiber is cancelled for good then, and the connection ends; in a task, whose fiber runs
  /// others too, and in a fiber that was begun with task-locals, the waits of `body` alone.
  ///
  /// ```swift
  /// app.get("/report") { request in try request.cancelledWhenAbandoned { try makeReport() } }
  /// ```
  ///
  /// Outside fibers nothing can be cancelled: `body` is called, and may ask ``isAbandoned``.
  public func cancelledWhenAbandoned<Result>(_ body: () throws -> Result) throws -> Result {
    guard let origin = storage.origin, let fiber = Fiber.current else { return try body() }
    // Unsafe: used by fibers of one hub, which share a thread.
    nonisolated(unsafe) let watched = origin
    let isInTask = withUnsafeCurrentTask { $0 != nil }
    var (isOver, isCalledOff) = (false, false)
    let watcher = Fiber.spawn(name: "abandonment") {
      // An error is the end of the watch, and none of the request.
      guard (try? watched.waitUntilAbandoned(until: .never)) ?? false, !isOver else { return }
      if !isInTask { return fiber.cancel() }
      isCalledOff = true
      fiber.callOff()
    }
    defer {
      isOver = true
      watcher.cancel()
      if isCalledOff { fiber.takeBackCallOff() }
    }
    return try body()
  }
}

extension Request {
  /// Whether an error says no more than that nobody waits for the answer: that is no failure of the application.
  package func isGivenUp(_ error: any Error) -> Bool {
    // The second is what redirected calls of C's fail with.
    (error is CancellationError || (error as? Errno) == .canceled) && isAbandoned
  }
}
