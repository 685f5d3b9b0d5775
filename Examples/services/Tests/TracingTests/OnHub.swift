import Foundation
import Green

/// Runs `body` as the first fiber of a hub, on a thread of its own. The calling task's thread is free meanwhile: what
/// sleeps in a task on a hub is woken by one.
func onHub<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try Hub.run(body) }) }
  }
}

/// Waits up to 3 ms, so that what runs at once comes in another order each time.
func pause() throws { try Fiber.sleep(for: .microseconds(Int.random(in: 0...3000))) }

/// As ``pause()`` for tasks.
func pauseTask() async { try? await Task.sleep(for: .microseconds(Int.random(in: 0...3000))) }
