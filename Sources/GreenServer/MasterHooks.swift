internal import Logging

/// What the application wants to be called for in the master process, on its only thread: while a hook runs, nobody watches over
/// the workers. A process is given by its id, as `ps` shows it.
public struct MasterHooks: Sendable {
  /// Called before the server listens and before there is any worker, once a master, in order: a migration that must not race
  /// between workers. An error ends the server with its text. A master that `USR2` has started calls it too; `HUP` does not.
  public var start: [@Sendable () throws -> Void]
  /// Called when the first worker serves.
  public var ready: [@Sendable () throws -> Void]
  /// Called when the process of a worker has been made, which does not serve yet.
  public var workerForked: [@Sendable (_ worker: Int32) throws -> Void]
  /// Called when a worker has ended, with how it did: `exited with code 0`, `was killed by SIGKILL`.
  public var workerExited: [@Sendable (_ worker: Int32, _ how: String) throws -> Void]
  /// Called when no worker is left, before the master ends by itself; not where it is killed.
  public var stop: [@Sendable () throws -> Void]

  /// gunicorn's others, which files of settings in Python may have.
  ///
  /// Called when the settings have been read again and the program is there, with what is in force from then on, before the next.
  package var renewing: [@Sendable (Configuration) throws -> Void] = []
  /// Called then, before any worker is replaced.
  package var reloading: [@Sendable () throws -> Void] = []
  /// Called when there are to be so many workers, and before; `nil` at the start, before any other hook.
  package var workersWanted: [@Sendable (_ now: Int, _ before: Int?) throws -> Void] = []
  /// Called before a master is started that is to take this one's place.
  package var succeeding: [@Sendable () throws -> Void] = []

  /// What `ready` and those after it throw is logged.
  public init(
    start: [@Sendable () throws -> Void] = [], ready: [@Sendable () throws -> Void] = [],
    workerForked: [@Sendable (_ worker: Int32) throws -> Void] = [],
    workerExited: [@Sendable (_ worker: Int32, _ how: String) throws -> Void] = [],
    stop: [@Sendable () throws -> Void] = []
  ) {
    self.start = start
    self.ready = ready
    self.workerForked = workerForked
    self.workerExited = workerExited
    self.stop = stop
  }
}

extension Arbiter {
  /// Calls hooks, of which one that fails stops neither the others nor the server.
  func call<Hook>(_ name: String, _ hooks: [Hook], _ body: (Hook) throws -> Void) {
    for hook in hooks {
      do { try body(hook) } catch { logger.error("The hook \(name) failed: \(error)") }
    }
  }
}
