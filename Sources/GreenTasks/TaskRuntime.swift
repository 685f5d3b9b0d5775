internal import Glibc
public import Green

/// Swift's tasks on Green's hubs: one loop and one thread for fibers and `async` code.
///
/// ``install()`` makes `Task`, `async let`, task groups, actors, `Task.sleep` and the main actor of the whole process run on
/// a hub. Without it, or where the toolchain does not let a process bring its own executors, what is begun by
/// ``Green/Fiber/await(_:)`` runs on the calling fiber's hub all the same, by an executor preference; a `Task.sleep`
/// then wakes by way of a thread of the Swift runtime, and the main actor is not the hub's.
public enum TaskRuntime {
  /// Who runs the tasks of the process.
  public typealias Mode = Settings.Tasks

  private static let state = Guarded<Mode?>(nil)

  /// How it was installed; `nil` before ``install()``.
  public static var mode: Mode? { state.withLock { $0 } }

  /// Installs the executors, once: to be called from a `main` that is not `async`, before the first task. The mode that it
  /// returns says what could be done; `GREEN_TASKS=preference` asks for the lesser one.
  ///
  /// Until a thread runs a hub, or somebody awaits by ``Green/Fiber/await(_:)``, all tasks wait. Where none ever does, a
  /// sentence on standard error says so when the process exits.
  @discardableResult
  public static func install() -> Mode {
    state.withLock { mode in
      if let mode { return mode }
      ProcessExecutor.forkHandler
      HubStart.add { ProcessExecutor.shared.meet($0) }
      let isInstalled = Settings.tasks.value == .process && ProcessExecutors.install()
      mode = isInstalled ? .process : .preference
      if isInstalled { atexit { ProcessExecutor.shared.tellOfUnserved() } }
      if let hub = Hub.current { ProcessExecutor.shared.meet(hub) }
      return mode!
    }
  }

  /// For a process in which hubs come and go, or none comes: tasks run on a thread with a hub of its own, which the first has
  /// started, whoever begins it. Without this they wait for a hub to start. It costs nothing where there is no task.
  package static func keepToThread() { ProcessExecutor.shared.keepToThread() }

  /// The executor of the hub that tasks run on, for code that is on no hub itself: where no thread runs one, a thread is
  /// started for it.
  ///
  /// - Throws: as ``HubThread/init()``.
  package static func home() throws -> HubExecutor {
    try ProcessExecutor.shared.homeExecutor ?? HubThread.forTasks().executor
  }
}
