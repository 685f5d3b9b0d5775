import Glibc
import Green
import GreenHTTP
import SystemPackage

/// Calls `body`: 0, or the `errno` that the extension is told for its error.
func errorNumber(_ body: () throws -> Void) -> CInt {
  do {
    try body()
    return 0
  } catch {
    return number(of: error)
  }
}

private func number(of error: any Error) -> CInt {
  switch error {
  case let error as Errno: error.rawValue
  case let error as HTTPError: number(of: error)
  case is CancellationError: ECANCELED
  case is TimeoutError: ETIMEDOUT
  case is BodyEndedError, is BodyLengthError: EPIPE
  case HubError.stacks: ENOMEM
  default: EIO
  }
}

/// A body that cannot be read.
private func number(of error: HTTPError) -> CInt {
  switch error.status.code {
  case 408: ETIMEDOUT
  case 413: EFBIG
  default: EPIPE
  }
}
