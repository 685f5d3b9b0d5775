internal import Synchronization

/// What the host of Python programs serves, and how; properties of ``Configuration`` in the command `greenfinch` and in its
/// workers. Other programs have none of them: there they are gunicorn's, and refused.
package struct PythonSettings: Sendable {
  /// The application, as `MODULE:NAME`; the command line's only argument without a flag.
  package let application = ServerSetting(
    "wsgi_app", value: "MODULE:NAME", .optionalText, default: nil,
    "The application: module:name, module:factory(), or module alone for its 'application'.")

  /// The file of settings that was read; its hooks are the workers'.
  package let configurationFile = ServerSetting(
    "config", value: "FILE", .optionalText, default: nil, gunicorn: .differs("it is named by -c"),
    "The file of settings that was read.")

  /// Directories that Python looks for modules in first, separated by commas.
  package let pythonPath = ServerSetting(
    "pythonpath", "--pythonpath", value: "DIRECTORIES", .optionalText, default: nil,
    "Directories that Python looks for modules in first, separated by commas.")

  /// Whether one process imports the application, and workers are made of it by fork(2).
  package let preload = ServerSetting(
    "preload_app", "--preload", value: "[BOOL]", .flag, default: false, bare: "yes",
    "Import the application once, and make the workers of that process.")

  /// The path that the application is mounted at: `SCRIPT_NAME`, `root_path`.
  package let rootPath = ServerSetting(
    "root_path", "--root-path", value: "PATH", .optionalText, default: nil,
    "The path that the application is mounted at.")

  /// The event loop of ASGI applications.
  package let loop = ServerSetting(
    "asgi_loop", "--asgi-loop", value: "NAME", .optionalText, default: nil,
    "The event loop of ASGI applications: auto (uvloop where it is installed), asyncio or uvloop.")

  /// Whether ASGI applications are told of the server's start and end.
  package let lifespan = ServerSetting(
    "asgi_lifespan", "--asgi-lifespan", value: "MODE", .optionalText, default: nil,
    "Whether ASGI applications are told of the server's start and end: auto, on or off.")
}

extension ServerSettings {
  private static let isHost = Atomic(false)

  /// Whether this program serves programs in Python. To be said before any setting is asked for.
  static var hostsPython: Bool {
    get { isHost.load(ordering: .relaxed) }
    set { isHost.store(newValue, ordering: .relaxed) }
  }
}

extension Configuration {
  /// From now on this process has the settings of a host of Python programs. To be called first.
  package static func hostPython() { ServerSettings.hostsPython = true }

  /// A setting of the host of Python programs.
  package subscript<Value>(python path: KeyPath<PythonSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.python[keyPath: path]] }
    set { set(ServerSettings.python[keyPath: path], newValue, from: .program) }
  }

  /// How workers serve: several threads make ``WorkerClass/thread`` of ``WorkerClass/sync``.
  package var servingClass: WorkerClass { effectiveWorkerClass }

  /// The setting of that name as text, for programs in other languages; `nil` where there is none, or it has no value.
  package func text(named name: String) -> String? {
    guard let setting = ServerSettings.named(name) else { return nil }
    let text = setting.texts(in: self).joined(separator: ",")
    return text.isEmpty ? nil : text
  }
}
