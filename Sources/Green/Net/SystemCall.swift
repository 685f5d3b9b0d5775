internal import Glibc
internal import SystemPackage

/// Makes a system call that reports failure as -1 and `errno`; starts it again when a signal interrupted it.
@inline(__always)
func systemCall<Value: SignedInteger & FixedWidthInteger>(_ body: () -> Value) throws(Errno) -> Value {
  while true {
    let value = body()
    if value != -1 { return value }
    if errno != EINTR { throw Errno(rawValue: errno) }
  }
}
