import Glibc
import Green
import GreenHTTP

/// Calls `body`: 0, or the `errno` that the extension is told for its error.
func errorNumber(_ body: () throws -> Void) -> CInt { ErrorNumber.ofCall(body) { number(of: $0) } }

private func number(of error: any Error) -> CInt {
  switch error {
  case let error as HTTPError: number(of: error)
  case is BodyEndedError, is BodyLengthError: EPIPE
  default: ErrorNumber.of(error) ?? EIO
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
