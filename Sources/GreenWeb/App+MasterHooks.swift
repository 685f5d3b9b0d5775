/// The functions that an application wants to be called in its server's master process, in order.
package struct MasterProcessHooks: Sendable {
  package var start: [@Sendable () throws -> Void] = []
  package var ready: [@Sendable () throws -> Void] = []
  package var workerForked: [@Sendable (Int32) throws -> Void] = []
  package var workerExited: [@Sendable (Int32, String) throws -> Void] = []
  package var stop: [@Sendable () throws -> Void] = []
}

/// Hooks in the master process, which serves nothing and has one thread: while one runs, nobody watches over the workers. What it
/// opens, the workers do not have: they are processes of their own, that start the program once more.
///
/// Only `onMasterStart(_:)` may be `async`, when there are no workers yet. The others are blocking code alone: a master that watches
/// over workers runs no tasks, which could be waited for only by looking away from them.
extension App {
  /// Calls `hook` once, before the server listens and before there is any worker: the place for a migration, which must not race
  /// between workers. What it throws ends the server, with exit status 1. gunicorn's `on_starting`.
  ///
  /// A master that `USR2` has started calls it too, `HUP` does not.
  public func onMasterStart(_ hook: @escaping @Sendable () throws -> Void) {
    changeMasterHooks { $0.start.append(hook) }
  }

  /// Calls `hook` when the first worker serves. What it throws is logged, as with the hooks below. gunicorn's `when_ready`.
  public func onMasterReady(_ hook: @escaping @Sendable () throws -> Void) {
    changeMasterHooks { $0.ready.append(hook) }
  }

  /// Calls `hook` with the process id of each worker whose process has been made. gunicorn's `post_fork`, but in the master.
  public func onWorkerForked(_ hook: @escaping @Sendable (_ worker: Int32) throws -> Void) {
    changeMasterHooks { $0.workerForked.append(hook) }
  }

  /// Calls `hook` with the process id of each worker that has ended, and how: `exited with code 0`, `was killed by SIGKILL`.
  /// gunicorn's `child_exit`.
  public func onWorkerExited(_ hook: @escaping @Sendable (_ worker: Int32, _ how: String) throws -> Void) {
    changeMasterHooks { $0.workerExited.append(hook) }
  }

  /// Calls `hook` when no worker is left, before the master ends; not where it is killed. gunicorn's `on_exit`.
  public func onMasterStop(_ hook: @escaping @Sendable () throws -> Void) {
    changeMasterHooks { $0.stop.append(hook) }
  }
}
