internal import SystemPackage

/// An error of a stream that is not the system's.
package protocol StreamFailure: Error {
  /// Whether it says no more than that the peer has gone.
  var isLossOfConnection: Bool { get }
}

extension Error {
  /// Whether a stream throws it when its peer has gone, rather than for something that is not as it should be, or late.
  package var isLossOfStream: Bool {
    switch self {
    case let error as Errno:
      ([.connectionReset, .brokenPipe, .connectionAbort, .socketNotConnected] as [Errno]).contains(error)
    case let error as any StreamFailure: error.isLossOfConnection
    default: false
    }
  }
}
