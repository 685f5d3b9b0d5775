/// Runs a blocking call on a thread of the process's pool, and parks the calling fiber until it has returned: for files,
/// and for libraries that know no fibers.
///
/// ```swift
/// let image = try offload { try decode(path) }
/// ```
///
/// Costs about the time in which the system wakes a thread, some ten microseconds. On a plain thread it just calls
/// `body`. See ``OffloadPool`` for the pool, and for what happens when the wait ends before the call does.
///
/// - Throws: what `body` throws; `Errno.timedOut` at the deadline; `Errno.resourceTemporarilyUnavailable` and the like
///   when there is no thread and none can be had, see `pthread_create(3)`.
public func offload<Value>(
  until deadline: Deadline = .never, _ body: @escaping @Sendable () throws -> sending Value
) throws -> Value {
  try OffloadPool.default.run(until: deadline, body)
}
