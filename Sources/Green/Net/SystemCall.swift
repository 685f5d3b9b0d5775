internal import Glibc
package import SystemPackage

/// Makes a system call that reports failure as -1 and `errno`; starts it again when a signal interrupted it.
@inline(__always)
package func systemCall<Value: SignedInteger & FixedWidthInteger>(_ body: () -> Value) throws(Errno) -> Value {
  while true {
    let value = body()
    if value != -1 { return value }
    if errno != EINTR { throw Errno(rawValue: errno) }
  }
}

/// Makes a system call that opens two descriptors, such as `pipe2` or `socketpair`.
func twoDescriptors(_ open: (UnsafeMutablePointer<CInt>) -> CInt) throws(Errno) -> (CInt, CInt) {
  var two: InlineArray<2, CInt> = [-1, -1]
  _ = try systemCall { withUnsafeMutableBytes(of: &two) { open($0.baseAddress!.assumingMemoryBound(to: CInt.self)) } }
  return (two[0], two[1])
}
