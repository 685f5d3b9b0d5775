internal import Glibc
internal import Green

/// Calls `body`: 0, or the `errno` that C is told for its error.
func errorNumber(_ body: () throws -> Void) -> CInt {
  ErrorNumber.ofCall(body) { ErrorNumber.of($0) ?? EINVAL }
}
