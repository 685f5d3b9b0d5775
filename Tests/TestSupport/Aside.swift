internal import Foundation

/// Runs `body`, which blocks, on a thread of its own, and suspends the test meanwhile.
///
/// For a test in which blocking code waits for tasks: the thread on which a test begins is one of the pool of all
/// tasks, which has as many as there are processors. Two such tests that hold theirs would wait for each other's for
/// ever.
public func aside(_ body: @escaping () throws -> Void) async throws {
  nonisolated(unsafe) let body = body
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
