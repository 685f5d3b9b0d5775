/// A word that the program's command line may begin with. See ``App/command(_:_:_:)``.
package struct AppCommand: Sendable {
  package let name: String
  package let help: String
  package let run: @Sendable ([String]) throws -> Void
}

extension App {
  /// Adds a word that the program's command line may begin with, beside `serve`, `routes` and `ctl`: then `body` is
  /// called with the rest of it, in place of serving.
  ///
  /// ```swift
  /// app.command("add-user", "Adds a user: add-user NAME") { arguments in
  ///   guard arguments.count == 1 else { throw Usage("add-user NAME") }
  ///   try Resources.database().execute("insert into users (name) values (\(arguments[0]))")
  /// }
  /// ```
  ///
  /// It runs in a fiber. What it throws is shown on standard error, and ends the process with status 1. The word `commands` shows
  /// all of them.
  public func command(_ name: String, _ help: String = "", _ body: @escaping @Sendable ([String]) throws -> Void) {
    changeCommands { $0.append(AppCommand(name: name, help: help, run: body)) }
  }

  /// As ``command(_:_:_:)`` for an `async` function.
  public func command(
    _ name: String, _ help: String = "", _ body: @escaping @Sendable ([String]) async throws -> Void
  ) { command(name, help, ensureSync(body)) }

  /// The command of a name.
  package func command(named name: String) -> AppCommand? { commands.last { $0.name == name } }

  /// The commands, one a line.
  package var commandList: String {
    let width = commands.map(\.name.count).max() ?? 0
    return commands.map { command in
      command.help.isEmpty
        ? "\(command.name)\n"
        : command.name + String(repeating: " ", count: width - command.name.count) + "  \(command.help)\n"
    }.joined()
  }
}
