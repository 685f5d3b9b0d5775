import CProcess
import Glibc
import Green

/// `ctl`: asks and orders a running server at its control socket, and shows what it answers.
package enum ControlTool {
  /// Obeys a command line without its first word. Returns the exit status: 0; 1 where the server cannot be reached or says no;
  /// 2 for a line that cannot be read.
  ///
  /// - Parameter socket: where the server listens, as its settings say; asked where the line does not say it. Throws where they
  ///   cannot be read.
  static func run(_ arguments: [String], socket: () throws(ControlFault) -> String?) -> Int32 {
    do throws(ControlFault) {
      let line = try ControlLine(arguments)
      if line.wantsHelp {
        writeAll(help, to: STDOUT_FILENO)
        return 0
      }
      var place = line.socket
      if place == nil { place = try socket() }
      guard let path = place else {
        throw ControlFault("where does the server listen? Give --socket PATH, as its --control-socket")
      }
      return try converse(line, try ControlConnection(path))
    } catch {
      writeAll("Error: \(error)\n", to: STDERR_FILENO)
      return error.isOfUsage ? 2 : 1
    }
  }

  private static func converse(_ line: ControlLine, _ server: ControlConnection) throws(ControlFault) -> Int32 {
    if line.words.first == ControlRequest.Verb.top.rawValue {
      try TopView(server, line).show()
      return 0
    }
    let reply = try server.ask(line.request)
    writeAll(reply.text, to: reply.isError ? STDERR_FILENO : STDOUT_FILENO)
    return reply.isError ? 1 : 0
  }

  private static var help: String {
    var text = "Asks and orders a running server.\n\n"
    text += "Usage: \(String(cString: cprocess_image_name())) ctl [--socket PATH] [--json] COMMAND\n\nCommands:\n"
    text += ControlRequest.Verb.allCases.map { verb in
      let (argument, meaning) = verb.help
      let left = "  \(verb.rawValue)" + (argument.isEmpty ? "" : " \(argument)")
      return left + String(repeating: " ", count: max(1, 20 - left.count)) + meaning + "\n"
    }.joined()
    return text + """

      Options:
        -s, --socket PATH       Where the server listens: its --control-socket. Without it, what the file of settings and
                                the environment say is used.
        --json                  Answer in JSON.
        -i, --interval SECONDS  How often top looks; 1 unless given.
        -n, --count COUNT       How often top looks in all; without end in a terminal unless given, else once.
        -h, --help              Show this, and end.

      """
  }
}
