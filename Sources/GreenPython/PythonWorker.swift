import CFiber
import CGreenPython
import Glibc
import Green
import GreenHTTP
import GreenHTTP2
package import GreenServer
import GreenTLS
import Logging

/// A worker whose program is the Python interpreter, with this library in front of it.
enum PythonWorker {
  /// What the master has read.
  static let configuration = Configuration.forPython()

  /// What is served by which kind of application, where there are both; the longest path first.
  ///
  /// Unsafe: set before the worker serves.
  nonisolated(unsafe) static var mounts: [MountedApplication.Mount] = []

  /// Serves until the worker ends. Returns the exit status.
  static func run(_ host: greenpython_host, isASGI: Bool) -> CInt {
    var configuration = configuration
    // Only there are fibers for its event loop to share the thread with.
    if isASGI { configuration.workerClass = .green }
    let isGreen = configuration.servingClass == .green
    if isGreen, let refusal = Slots.refusal {
      if isASGI {
        PreforkServer.fail("workers of class green cannot run Python here: \(String(cString: refusal))")
        return 3
      }
      configuration.serveByThreads(insteadOfFibers: String(cString: refusal))
    }
    if configuration.servingClass == .green, getenv("GREEN_STACK_SIZE") == nil { Settings.stackSize.value = stackSize }
    Slots.current = Slots(host)
    let onStart = configuration.servingClass == .green ? [MainThread(host).start] : []
    if isASGI {
      let application: any Application =
        mounts.isEmpty ? LoopApplication() : MountedApplication(calls: CallApplication(host: host), mounts: mounts)
      return PreforkServer.work(
        application, configuration: configuration, onWorkerStart: onStart + [LoopEvents.start],
        onWorkerStop: [LoopEvents.stop])
    }
    return PreforkServer.work(CallApplication(host: host), configuration: configuration, onWorkerStart: onStart)
  }

  /// What Python and its extensions believe a thread to have at least: numpy's BLAS, deep recursion. Only the pages that are
  /// touched take memory.
  private static let stackSize = 8 << 20

  private static let logger: Logger = {
    PreforkServer.openLog(configuration)
    return Logger(label: "greenfinch")
  }()

  static func log(_ level: CInt, _ text: String) {
    let level: Logger.Level =
      switch level {
      case ..<20: .debug
      case ..<30: .info
      case ..<40: .warning
      case ..<50: .error
      default: .critical
      }
    logger.log(level: level, "\(text)")
  }
}

extension Slots {
  /// Why a fiber cannot be a thread to Python; `nil` where it can.
  static var refusal: UnsafePointer<CChar>? { cfiber_isolation_refusal() }
}

extension Configuration {
  /// Where a fiber cannot be a thread to Python, as many threads as usually wait at once serve.
  fileprivate mutating func serveByThreads(insteadOfFibers refusal: String) {
    PythonWorker.log(30, "This worker serves by threads, since a fiber cannot be one to Python here: \(refusal)")
    self.workerClass = .thread
    self.threads = max(self.threads, min(self.workerConnections, 64))
  }

  /// The settings of a host of Python programs: its own, the file of settings, the environment and the command line; in a
  /// worker what its master has read.
  package static func forPython(formats: [ConfigurationFormat] = []) -> Configuration {
    hostPython()
    var own = Configuration()
    // As gunicorn, where a program that takes uploads runs unchanged.
    own.requestBodyLimit = 0
    own.tls = .openSSL
    own.http2 = .nghttp2
    var configuration = fromCommandLine(own, formats: formats)
    if configuration.name == nil { configuration.name = configuration[python: \.application] }
    return configuration
  }
}
