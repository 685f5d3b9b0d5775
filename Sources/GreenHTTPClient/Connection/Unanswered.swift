internal import Green
internal import GreenHTTP
internal import SystemPackage

/// The connection was lost before a byte of the answer came: the server may have closed it before it saw the request.
struct Unanswered: Error {
  let error: any Error
}

extension Error {
  /// Whether it says that there is no connection any more, rather than that something is not as it should be, or late.
  var isLossOfConnection: Bool {
    switch self {
    case let error as HTTPClientError: error == .connectionClosed
    case let error as Errno:
      ([.connectionReset, .brokenPipe, .connectionAbort, .socketNotConnected] as [Errno]).contains(error)
    case let error as any StreamFailure: error.isLossOfConnection
    default: false
    }
  }
}
