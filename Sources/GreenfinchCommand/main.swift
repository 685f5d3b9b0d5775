import GreenPython
import Greenfinch

// `greenfinch`: serves programs in Python, does with any server what is done from outside it, and begins projects. An
// application's own program in Swift takes the same words, but for `new`.

switch CommandLine.arguments.dropFirst().first {
case "new": NewProject.run(Array(CommandLine.arguments.dropFirst(2)))
// `ctl` too: the server's settings, which say where it listens, may be those of a program in Python.
default: PythonServer.run(formats: [.json, .toml])
}
