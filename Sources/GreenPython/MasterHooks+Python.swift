import GreenServer

extension MasterHooks {
  /// Hooks of a gunicorn.conf.py that are the master's. They are called in a process of Python's beside the master, which lasts
  /// as long as it does; there is none where the file has no such hook.
  static func python(_ configuration: Configuration, _ installation: PythonInstallation) throws -> MasterHooks {
    guard let file = configuration.text(named: "config"), file.hasSuffix(".py") || file.hasPrefix("python:") else {
      return MasterHooks()
    }
    let settings = ["workers", "bind", "timeout", "worker_class", "pidfile", "loglevel"].compactMap { name in
      configuration.text(named: name).map { "\(name)=\($0)" }
    }
    let process = try HelperProcess(
      path: installation.interpreter,
      arguments: [installation.interpreter, "-m", "greenfinch._master", file] + settings)
    let caller = HookCaller(process)
    let names = Set(try process.answer().split(separator: " ").map(String.init))
    var hooks = MasterHooks()
    if names.isEmpty { return hooks }
    if names.contains("on_starting") { hooks.start = [{ try caller.call("on_starting") }] }
    if names.contains("when_ready") { hooks.ready = [{ try caller.call("when_ready") }] }
    if names.contains("pre_fork") { hooks.workerForked = [{ try caller.call("pre_fork\t\($0)") }] }
    if names.contains("child_exit") || names.contains("pre_fork") {
      hooks.workerExited = [{ try caller.call("child_exit\t\($0)\t\($1)") }]
    }
    if names.contains("on_reload") { hooks.reloading = [{ try caller.call("on_reload") }] }
    if names.contains("pre_exec") { hooks.succeeding = [{ try caller.call("pre_exec") }] }
    // Always: what other hooks see of the server has it.
    hooks.workersWanted = [{ try caller.call("nworkers_changed\t\($0)\t\($1.map(String.init) ?? "")") }]
    // Called before the master ends: with it ends the process that calls them.
    if names.contains("on_exit") { hooks.stop = [{ try caller.call("on_exit") }] }
    return hooks
  }
}

/// Calls hooks in another process, one at a time.
///
/// Unsafe: the master has one thread.
private final class HookCaller: @unchecked Sendable {
  private let process: HelperProcess

  init(_ process: HelperProcess) { self.process = process }

  func call(_ line: String) throws {
    let answer = try process.ask(line)
    if answer != "ok" { throw PythonFailure(description: answer) }
  }
}
