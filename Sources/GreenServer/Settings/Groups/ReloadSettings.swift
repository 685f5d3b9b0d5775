internal import Green

/// How a server in development follows its sources and shows its errors; properties of ``Configuration``.
public struct ReloadSettings: Sendable {
  /// Whether the master watches the sources of the program's package, builds them when they change, and has workers of the new
  /// program take the place of the old when the build has succeeded.
  public let reload = ServerSetting(
    "reload", "--reload", value: "[BOOL]", .flag, default: false, bare: "yes",
    gunicorn: .differs("the program is built first: while the build fails, the workers of before serve"),
    "Watch the sources of the program's package, build it when they change, and put new workers in place.")

  /// How changes are noticed.
  public let reloadEngine = ServerSetting(
    "reload_engine", "--reload-engine", value: "ENGINE", SettingForm<ReloadEngine>.choice, default: .auto,
    "How changes are noticed: inotify; poll, which looks once a second; or auto, inotify where it can be had.")

  /// Further files that are watched. Where none but these have changed, nothing is built.
  public let reloadExtraFiles = ServerSetting(
    list: "reload_extra_files", "--reload-extra-file", value: "FILE", .word, count: 0...10_000, default: [],
    gunicorn: .differs("where none but these have changed, nothing is built"),
    "A further file that is watched; may be given several times.")

  /// What builds the program, as the shell understands it; `nil` for `swift build` of the product that runs.
  public let reloadCommand = ServerSetting(
    "reload_command", "--reload-command", value: "COMMAND", .optionalText, default: nil, gunicorn: .none,
    "What builds the program, run by sh in the package's folder; swift build of this product unless given.")

  /// Whether a browser on this machine is shown the errors that nobody handles: the request, the calls that led to the
  /// error, and the code around them. Only with addresses of this machine alone to listen at.
  public let debug = ServerSetting(
    "debug", "--debug", value: "[BOOL]", .flag, default: false, bare: "yes", gunicorn: .none,
    "Show errors that nobody handles to browsers on this machine, with the calls and the code; needs a bind to 127.0.0.1, ::1 or localhost."
  )
}
