import GreenPython
import Greenfinch

// `greenfinch`: serves programs in Python, does with any server what is done from outside it, and begins projects. An
// application's own program in Swift takes the same words, but for `new`.

switch CommandLine.arguments.dropFirst().first {
case "ctl":
  // It ends the process.
  _ = Configuration.fromCommandLine(formats: [.json])
case "new": NewProject.run(Array(CommandLine.arguments.dropFirst(2)))
default: PythonServer.run(formats: [.json, .toml])
}
