import Glibc
import SystemPackage

/// A system call that failed, by name: for the person who can allow it, in a container's profile perhaps.
struct SystemCallError: Error, CustomStringConvertible {
  let call: String
  let reason: Errno

  init(_ call: String, _ reason: Errno) {
    self.call = call
    self.reason = reason
  }

  var description: String { "\(call): \(reason)" }
}

/// Makes a system call until no signal interrupts it; throws `Errno` where it returns -1.
func systemCall<Result: FixedWidthInteger & SignedInteger>(_ body: () -> Result) throws(Errno) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let number = errno
    if number != EINTR { throw Errno(rawValue: number) }
  }
}

/// Writes a text with one `write(2)` where the kernel takes it at once, and goes on until all is written. A log that
/// cannot be written is not a reason to stop serving: errors are ignored.
func writeAll(_ text: String, to descriptor: CInt) {
  var text = text
  text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      let written = write(descriptor, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        return
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }
}
