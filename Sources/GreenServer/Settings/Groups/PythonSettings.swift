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

  /// Whether one process imports the application for all workers, which are forked from it: they share what it takes of memory,
  /// and begin at once. `HUP` has it imported anew.
  package let preload = ServerSetting(
    "preload_app", "--preload", value: "[BOOL]", .flag, default: false, bare: "yes",
    gunicorn: .differs("the application is imported in a process beside the master, anew at HUP"),
    "Import the application once, in a process that the workers are forked from; anew at HUP.")

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

  /// How long an ASGI application may go on with an answer for a client that has gone.
  package let disconnectGracePeriod = ServerSetting(
    "asgi_disconnect_grace_period", "--asgi-disconnect-grace-period", value: "SECONDS", .optionalText, default: nil,
    "How long an ASGI application may go on with an answer for a client that has gone, in seconds; 3 unless given.")

  /// The longest message that an application of ASGI receives over a WebSocket, in bytes.
  package let longestMessage = ServerSetting(
    "websocket_max_message_size", "--websocket-max-message-size", value: "BYTES", .optionalText, default: nil,
    "The longest message that an ASGI application receives over a WebSocket, in bytes; 16777216 unless given.")

  /// A file of PasteDeploy that has the application.
  package let paste = ServerSetting(
    "paste", "--paste", "--paster", value: "FILE", .optionalText, default: nil,
    "A file of PasteDeploy that has the application.")

  /// What that file is given beside its own.
  package let pasteGlobals = ServerSetting(
    "raw_paste_global_conf", "--paste-global", value: "NAME=VALUE", .optionalText, default: nil,
    "What the file of PasteDeploy is given beside its own: NAME=VALUE, separated by commas.")

  /// How Python's logging is configured, as an INI file.
  package let logFile = ServerSetting(
    "logconfig", "--log-config", value: "FILE", .optionalText, default: nil,
    "A file that configures Python's logging, in the form of logging.config.fileConfig.")

  /// The same as JSON.
  package let logJSON = ServerSetting(
    "logconfig_json", "--log-config-json", value: "FILE", .optionalText, default: nil,
    "The same in the form of logging.config.dictConfig, as JSON.")

  /// A class of gunicorn's form that logs in workers.
  package let loggerClass = ServerSetting(
    "logger_class", "--logger-class", value: "MODULE.CLASS", .optionalText, default: nil,
    "A class in Python, of gunicorn's form, that logs in workers.")
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
