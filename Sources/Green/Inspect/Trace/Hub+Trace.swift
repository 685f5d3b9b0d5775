internal import CInspect
internal import Glibc

extension Hub {
  /// Records from now on when each fiber has the thread, what it waits for, when it is ready and who woke it, in a file that
  /// Perfetto (<https://ui.perfetto.dev>) and `chrome://tracing` open: a track for each fiber, by its name, with arrows from
  /// wakers to those they woke, and one for the hub's loop. To be called on the hub's thread. `GREEN_TRACE` in the environment
  /// does so without code.
  ///
  /// A switch costs a microsecond or two more and 400 bytes of the file, which is written as it grows, on the hub's thread.
  ///
  /// - Parameters:
  ///   - path: of the file. One that is there is overwritten.
  ///   - limit: the most bytes that it gets, more or less: the trace then ends early, and says so.
  /// - Returns: the trace, which also ends with the hub. A forked child of the process has none.
  /// - Throws: `Errno` when the file cannot be opened.
  @discardableResult
  public func trace(to path: String, limit: Int = 256 << 20) throws -> HubTrace {
    HubTrace(self, to: try TraceFile(path), limit: limit)
  }

  /// Ends all traces of this hub, which else end with it: for a process that leaves by `_exit`. On the hub's thread.
  public func endTraces() {
    while let trace = attached(HubTrace.self) { trace.end() }
  }

  /// As the environment asks for, see ``Settings/trace``.
  func startTrace() {
    let prefix = Settings.trace.value
    guard !prefix.isEmpty else { return }
    let path = { "\(prefix)-\(getpid())-\(cinspect_thread_id()).json" }
    do {
      _ = HubTrace(self, to: try TraceFile(path(), childPath: path), limit: 256 << 20)
    } catch {
      Report.message("\(Settings.trace.name): \(path()) cannot be written: \(error)")
    }
  }
}
