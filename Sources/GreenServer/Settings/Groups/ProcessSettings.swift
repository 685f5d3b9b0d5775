/// As whom, where and under which name the processes run; properties of ``Configuration``.
public struct ProcessSettings: Sendable {
  /// The user that workers are, by name or number; `nil` for whoever starts the server. The master stays who it is: it binds,
  /// and opens the logs. Log files and socket files are given to this user.
  public let user = ServerSetting(
    "user", "-u", "--user", value: "USER", .optionalText, default: nil,
    gunicorn: .differs("the group is the user's own where none is given, and groups of root are given up"),
    "The user that workers are, by name or number.")

  /// The group that workers are of, by name or number; `nil` for the user's own.
  public let group = ServerSetting(
    "group", "-g", "--group", value: "GROUP", .optionalText, default: nil,
    gunicorn: .differs("the default is the user's own group, where gunicorn keeps that of whoever starts it"),
    "The group that workers are of, by name or number; the user's own unless given.")

  /// Whether workers are of all groups of their user too.
  public let initgroups = ServerSetting(
    "initgroups", "--initgroups", value: "[BOOL]", .flag, default: false, bare: "yes",
    "Let workers be of all groups of their user.")

  /// The directory that the server works in: paths in other settings are of it. `nil` for where it is started. A file of
  /// settings is looked for before.
  public let chdir = ServerSetting(
    "chdir", "--chdir", value: "DIRECTORY", .optionalText, default: nil, "The directory that the server works in.")

  /// Whether the server goes on in the background, apart from the terminal. Whoever starts it has an answer when the server
  /// serves, or has failed.
  public let daemon = ServerSetting(
    "daemon", "-D", "--daemon", value: "[BOOL]", .flag, default: false, bare: "yes",
    gunicorn: .differs("the command ends when the server serves, and with its status where it cannot"),
    "Go on in the background; the command ends when the server serves.")

  /// Whether a server in the background keeps the standard streams it is started with.
  public let keepsStandardStreams = ServerSetting(
    "enable_stdio_inheritance", "-R", "--enable-stdio-inheritance", value: "[BOOL]", .flag, default: false,
    bare: "yes", "Let a server in the background keep its standard streams.")

  /// Variables of the environment for the master and its workers, each as `NAME=VALUE`.
  public let environment = ServerSetting(
    list: "raw_env", "-e", "--env", value: "NAME=VALUE", .assignment, count: 0...1000, default: [],
    "A variable for the environment of all processes; may be given several times.")

  /// The file that the master's process number is in while it runs; `nil` for none.
  public let pidFile = ServerSetting(
    "pidfile", "-p", "--pid", value: "FILE", .optionalText, default: nil,
    gunicorn: .differs("a file whose process is another program is stale"),
    "The file that the master's process number is in.")

  /// What processes are called in `ps`; `nil` for the program's name.
  public let name = ServerSetting(
    "proc_name", "-n", "--name", value: "NAME", .optionalText, default: nil,
    gunicorn: .differs("titles begin with greenfinch: where gunicorn's begin with gunicorn:"),
    "What processes are called in ps, after greenfinch: master or worker.")
}
