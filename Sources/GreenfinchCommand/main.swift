import GreenPython
import Greenfinch

// `greenfinch`: serves programs in Python, and does with any server what is done from outside it. An application's own program
// in Swift takes the same words.

switch CommandLine.arguments.dropFirst().first {
case "ctl":
  // It ends the process.
  _ = Configuration.fromCommandLine(formats: [.json])
default: PythonServer.run(formats: [.json, .toml])
}
