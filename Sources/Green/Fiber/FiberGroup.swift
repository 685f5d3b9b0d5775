/// Calls `body` with a group, in which it spawns fibers, and waits until all of them have ended.
///
/// Mirrors `withTaskGroup`: the fibers of a group never outlive the call. When `body` throws, or a fiber's error is
/// thrown to it by ``FiberGroup/next()``, the others are cancelled, waited for, and the error is passed on. An error that
/// nobody has asked for counts as well: the first one cancels the others and is thrown at the end.
///
/// ```swift
/// let pages = try withFiberGroup(of: String.self, limit: 10) { group in
///   for url in urls { try group.spawn { try fetch(url) } }
///   return try group.reduce(into: []) { $0.append($1) }
/// }
/// ```
///
/// - Parameters:
///   - type: what a fiber of the group returns.
///   - limit: at most so many fibers of the group run at once; ``FiberGroup/spawn(name:priority:file:line:_:)`` parks until
///     there is room.
///   - body: called once, with the group; its result is the call's.
/// - Throws: what `body` or the first failing fiber threw; ``HubError/outside`` outside a fiber.
public func withFiberGroup<Child, Result>(
  of type: Child.Type = Child.self, limit: Int = .max, _ body: (FiberGroup<Child>) throws -> Result
) throws -> Result {
  requirement(limit > 0, "a group must have room for one fiber at least")
  return try withGroup(FiberGroup(limit: limit), body)
}

/// As ``withFiberGroup(of:limit:_:)``, but what its fibers return is not kept: for a group that lives as long as a
/// server, and spawns a fiber for each thing that comes. ``FiberGroup/next()`` gives nothing.
///
/// - Throws: what `body` or the first failing fiber threw; ``HubError/outside`` outside a fiber.
public func withDiscardingFiberGroup<Result>(limit: Int = .max, _ body: (FiberGroup<Void>) throws -> Result) throws
  -> Result
{
  requirement(limit > 0, "a group must have room for one fiber at least")
  return try withGroup(FiberGroup(limit: limit, isDiscarding: true), body)
}

private func withGroup<Child, Result>(
  _ group: FiberGroup<Child>, _ body: (FiberGroup<Child>) throws -> Result
) throws -> Result {
  guard Hub.running != nil else { throw HubError.outside }
  do {
    let result = try body(group)
    try group.finish()
    return result
  } catch {
    group.cancelAll(cause: error)
    group.waitForAll()
    // The body was only told that the group is cancelled; why it was is the error that counts.
    if error is CancellationError { try group.checkFailure() }
    throw error
  }
}

/// The fibers of one ``withFiberGroup(of:limit:_:)``. Iterating gives the results in the order in which they come.
public final class FiberGroup<Child>: Sequence, IteratorProtocol, AwaitsFibers {
  private var running: [ObjectIdentifier: Fiber<Child>] = [:]
  private var finished: [Fiber<Child>] = []
  private var firstFinished = 0
  private var waiting = WaitList()
  private var failure: (any Error)?
  /// Whose error that is. Unless the error is thrown to somebody, the fiber reports it.
  private var failed: AnyFiber?
  private let limit: Int
  private let isDiscarding: Bool
  /// Whether ``cancelAll(cause:)`` was called, or a fiber's error has cancelled the group.
  public private(set) var isCancelled = false

  fileprivate init(limit: Int, isDiscarding: Bool = false) {
    self.limit = limit
    self.isDiscarding = isDiscarding
  }

  /// Starts a fiber of the group. Parks while as many as the group's limit are running.
  ///
  /// - Throws: the error of the fiber that has cancelled the group; `CancellationError` when the group or the calling
  ///   fiber has been cancelled; ``HubError/stacks(_:)``.
  public func spawn(
    name: String? = nil, priority: FiberPriority = .normal, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping () throws -> Child
  ) throws {
    while running.count >= limit { try wait() }
    try checkFailure()
    if isCancelled { throw CancellationError() }
    let fiber = Fiber.spawn(name: name, priority: priority, file: file, line: line, body)
    if fiber.isFinished { _ = try fiber.value }
    adopt(fiber)
  }

  /// Makes a fiber one of the group. One that comes after the group was cancelled is cancelled too.
  func adopt(_ fiber: Fiber<Child>) {
    running[ObjectIdentifier(fiber)] = fiber
    fiber.whenFinished { [unowned self] in self.ended($0) }
    if isCancelled { fiber.cancel() }
  }

  /// Throws the error of the first fiber that failed, if one has.
  func checkFailure() throws {
    guard let failure else { return }
    failed?.isErrorRead = true
    throw failure
  }

  private func ended(_ fiber: AnyFiber) {
    guard let fiber = running.removeValue(forKey: ObjectIdentifier(fiber)) else { return }
    if !isDiscarding { finished.append(fiber) }
    if let error = fiber.error {
      if failure == nil && !isCancelled {
        failure = error
        failed = fiber
        cancelAll(cause: error)
      } else {
        fiber.isErrorRead = true
      }
    }
    WaitList.wakeAll(waiting.takeAll())
  }

  /// The next result, in the order in which the fibers finish; `nil` when none is left. Parks until there is one.
  ///
  /// - Throws: the error of the first fiber that failed, at once; the others are cancelled by then.
  public func nextResult() throws -> Child? {
    while true {
      try checkFailure()
      if firstFinished < finished.count {
        let fiber = finished[firstFinished]
        firstFinished += 1
        if firstFinished == finished.count {
          finished.removeAll(keepingCapacity: true)
          firstFinished = 0
        }
        return try fiber.finishedValue()
      }
      if running.isEmpty { return nil }
      try wait()
    }
  }

  /// As ``nextResult()``, for `for` loops: an error ends the loop, and is thrown by ``withFiberGroup(of:limit:_:)``.
  public func next() -> Child? {
    do {
      return try nextResult()
    } catch {
      if failure == nil { failure = error }
      // The end of a loop tells it to nobody.
      failed?.isErrorRead = false
      cancelAll(cause: error)
      return nil
    }
  }

  /// Cancels every fiber of the group; no more can be spawned.
  public func cancelAll(cause: (any Error)? = nil) {
    isCancelled = true
    // In the order in which they were spawned: that of a dictionary is another in each process.
    for fiber in running.values.sorted(by: { $0.id < $1.id }) { fiber.cancel(cause: cause) }
  }

  var awaitedFibers: [AnyFiber] { running.values.map { $0 } }

  /// Waits until every fiber has finished. Parks.
  public func waitForEnd() throws {
    while !running.isEmpty && failure == nil { try wait() }
    try checkFailure()
  }

  fileprivate func finish() throws { try waitForEnd() }

  /// Whatever happens to the calling fiber: the children end first.
  fileprivate func waitForAll() { Hub.shielded { while !running.isEmpty { try? wait() } } }

  private func wait() throws {
    var waiter = Waiter()
    let reason = WaitReason(.group, on: self)
    let wake = withUnsafeMutablePointer(to: &waiter) { waiter in
      waiting.append(waiter)
      let wake = waiter.sleep(until: .never, for: reason)
      if waiter.pointee.isQueued { waiting.remove(waiter) }
      return wake
    }
    try wake.check()
  }
}
