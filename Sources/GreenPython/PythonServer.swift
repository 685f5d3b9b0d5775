import CGreenPython
import Glibc
package import GreenServer

/// The master of workers that run Python: `greenfinch module:app`. It never loads Python itself.
package enum PythonServer {
  /// Serves the application that the command line names, until the process is asked to stop.
  ///
  /// - Parameter formats: how files of settings may be written, besides in Python.
  package static func run(formats: [ConfigurationFormat]) -> Never {
    let installation = PythonInstallation.own
    var configuration = Configuration.forPython(formats: formats + [.python(installation)])
    guard configuration[python: \.application] != nil || configuration[python: \.paste] != nil else {
      fail("no application was named, as in: greenfinch module:app")
    }
    guard access(installation.library, R_OK) == 0 else {
      fail("the library \(installation.library) is not there: install greenfinch again")
    }
    configuration.workerImage = installation.workers
    do {
      PreforkServer.run(
        NoApplication(), configuration: configuration, hooks: try .python(configuration, installation))
    } catch {
      fail("the hooks of the file of settings cannot be called: \(error)")
    }
  }

  private static func fail(_ reason: String) -> Never {
    _ = "Error: \(reason).\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(1)
  }
}
