import CProcess
import Green

/// What the handler was asked that a thread runs, and since when: told to the log when all threads hang.
final class RunningRequest: Sendable {
  private struct State {
    /// In nanoseconds of `CLOCK_MONOTONIC`; 0 when none runs.
    var since: Int64 = 0
    var line: [UInt8] = []
  }

  // Nearly always free: only the thread that accepts looks, and only when no thread is free.
  private let state = Mutex(State())

  func began(_ line: UnsafeRawBufferPointer, at now: Int64) {
    state.withLock { state in
      state.since = now
      state.line.removeAll(keepingCapacity: true)
      state.line.append(contentsOf: line.prefix(Int(CPROCESS_ACTIVITY_BYTES)))
    }
  }

  func ended() { state.withLock { $0.since = 0 } }

  var current: (line: String, since: Int64)? {
    state.withLock { $0.since == 0 ? nil : (String(decoding: $0.line, as: UTF8.self), $0.since) }
  }
}
