package import Green

/// Blocking code of a task that a fiber awaits. Code that blocks knows nothing of the cancelling of tasks: so when the awaiting
/// fiber has cancelled the task, because it was cancelled itself or its time is over, the waits of that code end too.
///
/// On the hub's thread.
final class TaskFollower {
  private let fiber: AnyFiber
  /// Unsafe: the task whose code this is, which does not end before it.
  private let task: UnsafeCurrentTask
  /// Whether the deadline of the awaiting fiber ends the waits of the code by itself, as `TimeoutError` says.
  let isInTime: Bool
  private var isCalledOff = false

  init(_ fiber: AnyFiber, _ task: UnsafeCurrentTask, isInTime: Bool) {
    self.fiber = fiber
    self.task = task
    self.isInTime = isInTime
  }

  /// The awaiting fiber has cancelled its task, and the children of that with it. Other tasks that have been begun by it, and
  /// fibers, have only its task-locals: they go on.
  func look() {
    guard !isCalledOff, task.isCancelled else { return }
    isCalledOff = true
    fiber.callOff()
  }

  /// Other jobs may follow in the fiber.
  func end() { if isCalledOff { fiber.takeBackCallOff() } }
}

extension AwaitedCall {
  /// The innermost call whose task has begun the calling code, by whatever way.
  @TaskLocal static var current: AwaitedCall?

  /// Calls `body`, which is the calling task's blocking code where a task calls.
  static func following<Result>(_ body: () throws -> Result) rethrows -> Result {
    try withUnsafeCurrentTask { task in
      guard let task, let fiber = Fiber.current, let call = current, call.isOf(Hub.current) else { return try body() }
      return try call.follow(fiber, task, body)
    }
  }

  private func follow<Result>(
    _ fiber: AnyFiber, _ task: UnsafeCurrentTask, _ body: () throws -> Result
  ) rethrows -> Result {
    let follower = TaskFollower(fiber, task, isInTime: Fiber.currentDeadline <= deadline)
    followers.append(follower)
    defer {
      // The last, mostly.
      if let index = followers.lastIndex(where: { $0 === follower }) { followers.remove(at: index) }
      follower.end()
    }
    if isCancelled { look(follower) }
    return try body()
  }

  /// The call has cancelled its task, because its own fiber was cancelled or its time is over.
  func cancelFollowers(isTimeOver: Bool) {
    isCancelled = true
    self.isTimeOver = isTimeOver
    for follower in followers { look(follower) }
  }

  private func look(_ follower: TaskFollower) { if !(isTimeOver && follower.isInTime) { follower.look() } }

  /// The deadline of the fiber that waits for the calling code's task.
  static var deadlineOfWaiting: Deadline {
    guard let call = current, !call.hasEnded, call.isOf(Hub.current) else { return .never }
    return call.deadline
  }
}

extension Fiber where Success == Never {
  /// Calls `body`, blocking code that a task calls. Where a fiber awaits the task by ``await(_:)``, cancelling that fiber, or its
  /// deadline, ends the waits of `body` as it ends its own, and `body` has that deadline, as its fibers have; code that merely
  /// blocks in a task is not reached. Elsewhere it is called, and no more.
  ///
  /// - Throws: what `body` throws.
  package static func asPartOfTask<Result>(_ body: () throws -> Result) throws -> Result {
    try withDeadline(AwaitedCall.deadlineOfWaiting) { try AwaitedCall.following(body) }
  }
}
