internal import Glibc

extension NativeWaits {
  /// What a C call reports for the error of a wait.
  package static func code(of error: any Error) -> CInt { ErrorNumber.of(error) ?? EIO }
}
