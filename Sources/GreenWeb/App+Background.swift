package import Green
public import GreenHTTP
internal import GreenTasks

/// Work that was begun and has not ended.
final class BackgroundWork: Sendable {
  private struct State {
    var limit = 1000
    var count = 0
    var idle: Event?
  }

  private let state = Guarded(State())

  var limit: Int {
    get { state.withLock { $0.limit } }
    set { state.withLock { $0.limit = newValue } }
  }

  var count: Int { state.withLock { $0.count } }

  /// - Returns: `false` where there is as much as there may be.
  func begin() -> Bool {
    state.withLock { state in
      guard state.count < state.limit else { return false }
      state.count += 1
      return true
    }
  }

  func end() {
    let idle = state.withLock { state -> Event? in
      state.count -= 1
      return state.count == 0 ? state.idle : nil
    }
    idle?.set()
  }

  func waitUntilIdle(until deadline: Deadline) {
    let event = Event()
    let isIdle = state.withLock { state in
      state.idle = event
      return state.count == 0
    }
    if !isIdle { try? event.wait(until: deadline) }
  }
}

extension App {
  /// How many pieces of background work there may be at once in a worker process. The default is 1,000.
  public var backgroundLimit: Int {
    get { backgroundWork.limit }
    set { backgroundWork.limit = newValue }
  }

  /// The background work that has not ended, in this process.
  public var backgroundCount: Int { backgroundWork.count }

  /// Begins work that goes on when the request has been answered, in a fiber of the worker's hub; in `sync` and `thread`
  /// workers on a thread with a hub. Returns at once.
  ///
  /// ```swift
  /// app.post("/orders") { request in
  ///   let order = try save(request)
  ///   try app.background(for: request) { try mailConfirmation(order) }
  ///   return HTTPResponse.Status.created
  /// }
  /// ```
  ///
  /// It has the task-locals of the code that begins it. A worker that is asked to stop waits for it within the graceful
  /// timeout. An error is logged, with the request's line and its id.
  ///
  /// - Throws: `HTTPError` with `503` where there are ``backgroundLimit`` already; `HubError.ended` where the worker's hub has.
  public func background(for request: Request? = nil, _ body: @escaping @Sendable () throws -> Void) throws {
    let executor = try Hub.current?.executor ?? TaskRuntime.home()
    guard backgroundWork.begin() else {
      throw HTTPError(.serviceUnavailable, "there is too much work in the background")
    }
    let origin = request.map { " of \($0.method) \($0.rawPath)" } ?? ""
    let id = request?.id ?? Request.currentID
    let task = InheritedTask.capture()
    // The time that the request may take is not the work's.
    let isTaken = withShield {
      executor.spawn(name: "background") { [self] in
        do {
          try task?.run(body) ?? body()
        } catch {
          logger.error("background work\(origin) failed: \(error)", metadata: id.map { ["request.id": "\($0)"] })
        }
        backgroundWork.end()
      }
    }
    if !isTaken {
      backgroundWork.end()
      throw HubError.ended
    }
  }

  /// As ``background(for:_:)`` for an `async` function.
  public func background(for request: Request? = nil, _ body: @escaping @Sendable () async throws -> Void) throws {
    try background(for: request, ensureSync(body))
  }

  /// Waits for the background work to end; what a worker does before it does.
  package func finishBackgroundWork(until deadline: Deadline = .never) {
    backgroundWork.waitUntilIdle(until: deadline)
    let count = backgroundCount
    if count > 0 { logger.error("background work that has not ended in time: \(count)") }
  }
}
