import Glibc
import Greenfinch

// `greenfinch`: what is done with servers from outside them. An application's own program takes the same words.

let usage = """
  Usage: greenfinch ctl [options] COMMAND

  ctl asks and orders a running server at its --control-socket; greenfinch ctl --help tells more.

  """

switch CommandLine.arguments.dropFirst().first {
case "ctl":
  // It ends the process.
  _ = Configuration.fromCommandLine(formats: [.json])
case "-v", "--version": print("greenfinch \(PreforkServer.version)")
case "-h", "--help": print(usage, terminator: "")
case let word:
  let text = (word.map { "Error: unknown command '\($0)'\n" } ?? "") + usage
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(2)
}
