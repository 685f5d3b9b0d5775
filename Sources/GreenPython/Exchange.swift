import CGreenPython
import GreenHTTP
import HTTPTypes

/// A request and the answer to it, as the extension knows them.
///
/// Unsafe: used by one thread, that of the hub or the one that serves the connection.
class Exchange: @unchecked Sendable {
  let request: Request

  init(_ request: Request) { self.request = request }

  /// For the extension. Unretained: whoever serves the request holds the exchange.
  var handle: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

  /// What a handle stands for.
  static func at(_ handle: OpaquePointer) -> Self {
    unsafeDowncast(Unmanaged<Exchange>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue(), to: Self.self)
  }

  /// Says that the application was ended in the middle of its work, since the request's time is over, and where.
  func tellOutOfTime(_ failure: PythonFailure) { PythonWorker.log(40, "Out of time in \(request.line): \(failure)") }

  /// A text about the request.
  func text(_ which: CInt) -> String {
    switch Int(which) {
    case GREENPYTHON_PEER: request.remote
    case GREENPYTHON_LOCAL: request.local
    case GREENPYTHON_CLIENT: request.client
    case GREENPYTHON_SCHEME: request.scheme
    case GREENPYTHON_ROOT_PATH: request.rootPath
    case GREENPYTHON_ID: request.id
    default: request.line
    }
  }
}
