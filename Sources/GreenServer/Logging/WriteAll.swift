import Glibc

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
