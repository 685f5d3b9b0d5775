import GreenServer

extension MasterHooks {
  /// Hooks of a gunicorn.conf.py that are the master's. They are called in a process of Python's beside the master; there is none
  /// where the file has no such hook. `HUP` has another process read the file anew, for the hooks from then on.
  static func python(_ configuration: Configuration, _ installation: PythonInstallation) throws -> MasterHooks {
    let caller = HookCaller(installation)
    try caller.renew(configuration)
    var hooks = MasterHooks()
    hooks.start = [{ try caller.call("on_starting") }]
    hooks.ready = [{ try caller.call("when_ready") }]
    hooks.workerForked = [{ try caller.forked($0) }]
    hooks.workerExited = [{ try caller.exited($0, $1) }]
    hooks.renewing = [{ try caller.renew($0) }]
    hooks.reloading = [{ try caller.call("on_reload") }]
    hooks.succeeding = [{ try caller.call("pre_exec") }]
    hooks.workersWanted = [{ try caller.wanted($0, $1) }]
    // Called before the master ends: with it ends the process that calls them.
    hooks.stop = [{ try caller.call("on_exit") }]
    return hooks
  }
}

/// Calls hooks in another process, one at a time, and tells it what hooks may see of the server.
///
/// Unsafe: the master has one thread.
private final class HookCaller: @unchecked Sendable {
  private let installation: PythonInstallation
  /// `nil` where the file has no hooks of the master's.
  private var process: HelperProcess?
  private var names: Set<String> = []
  private var workers: Set<Int32> = []
  private var workerCount: Int?

  init(_ installation: PythonInstallation) { self.installation = installation }

  /// Has another process read the file of settings. Where that fails the one of before stays.
  func renew(_ configuration: Configuration) throws {
    guard let file = configuration.text(named: "config"), file.hasSuffix(".py") || file.hasPrefix("python:") else {
      (process, names) = (nil, [])
      return
    }
    let settings = ["workers", "bind", "timeout", "worker_class", "pidfile", "loglevel"].compactMap { name in
      configuration.text(named: name).map { "\(name)=\($0)" }
    }
    let fresh = try HelperProcess(
      path: installation.interpreter,
      arguments: [installation.interpreter, "-m", "greenfinch._master", file] + settings)
    let names = Set(try fresh.answer().split(separator: " ").map(String.init))
    if !names.isEmpty {
      for worker in workers.sorted() { try Self.ask(fresh, "known\t\(worker)") }
      if let workerCount { try Self.ask(fresh, "wanted\t\(workerCount)") }
    }
    (self.names, process) = (names, names.isEmpty ? nil : fresh)
  }

  /// Calls a hook, where there is one of that name.
  func call(_ name: String) throws { if names.contains(name) { try ask(name) } }

  func forked(_ worker: Int32) throws {
    workers.insert(worker)
    try ask("pre_fork\t\(worker)")
  }

  func exited(_ worker: Int32, _ how: String) throws {
    workers.remove(worker)
    try ask("child_exit\t\(worker)\t\(how)")
  }

  func wanted(_ count: Int, _ before: Int?) throws {
    workerCount = count
    try ask("nworkers_changed\t\(count)\t\(before.map(String.init) ?? "")")
  }

  private func ask(_ line: String) throws { if let process { try Self.ask(process, line) } }

  private static func ask(_ process: HelperProcess, _ line: String) throws {
    let answer = try process.ask(line)
    if answer != "ok" { throw PythonFailure(description: answer) }
  }
}
