internal import Glibc
internal import SystemPackage

extension NativeWaits {
  /// What a C call reports for the error of a wait.
  package static func code(of error: any Error) -> CInt {
    switch error {
    case let error as Errno: error.rawValue
    case is CancellationError: ECANCELED
    case is TimeoutError: ETIMEDOUT
    default: EIO
    }
  }
}
