internal import Glibc
internal import SystemPackage

/// What C is told of errors: the `errno` that fits.
package enum ErrorNumber {
  /// That of an error of the runtime's; `nil` for another's.
  package static func of(_ error: any Error) -> CInt? {
    switch error {
    case let error as Errno: error.rawValue
    case is CancellationError: ECANCELED
    case is TimeoutError: ETIMEDOUT
    case is ChannelClosed: EPIPE
    case HubError.nested: EBUSY
    case HubError.deadlock: EDEADLK
    case HubError.stacks: ENOMEM
    case HubError.refused: EAGAIN
    default: nil
    }
  }

  /// Calls `body`: 0, or what `number` says of its error. `errno` stays what it was.
  package static func ofCall(_ body: () throws -> Void, _ number: (any Error) -> CInt) -> CInt {
    let saved = errno
    defer { errno = saved }
    do {
      try body()
      return 0
    } catch {
      return number(error)
    }
  }
}
