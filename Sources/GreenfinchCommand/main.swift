import Glibc
import GreenPython
import Greenfinch

// `greenfinch`: serves programs in Python, and does with any server what is done from outside it. An application's own program
// in Swift takes the same words.

let usage = """
  Usage: greenfinch MODULE:NAME [options]
         greenfinch ctl [options] COMMAND

  The first serves an application in Python; greenfinch --help MODULE:NAME tells its options.
  ctl asks and orders a running server at its --control-socket; greenfinch ctl --help tells more.

  """

switch CommandLine.arguments.dropFirst().first {
case "ctl":
  // It ends the process.
  _ = Configuration.fromCommandLine(formats: [.json])
case "-v", "--version": print("greenfinch \(PreforkServer.version)")
case "-h" where CommandLine.arguments.count == 2, "--help" where CommandLine.arguments.count == 2:
  print(usage, terminator: "")
case nil:
  _ = usage.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(2)
default: PythonServer.run(formats: [.json, .toml])
}
