internal import Glibc
internal import Green
internal import SystemPackage

/// Calls `body`: 0, or the `errno` that C is told for its error.
func errorNumber(_ body: () throws -> Void) -> CInt {
  let saved = errno
  defer { errno = saved }
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
  case is CancellationError: ECANCELED
  case is TimeoutError: ETIMEDOUT
  case is ChannelClosed: EPIPE
  case HubError.nested: EBUSY
  case HubError.deadlock: EDEADLK
  case HubError.stacks: ENOMEM
  case HubError.refused: EAGAIN
  default: EINVAL
  }
}
