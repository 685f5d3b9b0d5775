internal import Glibc
package import SystemPackage

/// All bytes of a file. In a fiber it waits as `read(2)` does.
///
/// - Parameter limit: the most bytes that such a file has.
/// - Throws: what `open(2)` and `read(2)` say, `isDirectory` of a folder; `fileTooLarge` of a longer file.
package func contents(ofFile path: String, upTo limit: Int = 1 << 20) throws(Errno) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw Errno(rawValue: errno) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  while bytes.count <= limit {
    var error: CInt = 0
    let more = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      let got = read(descriptor, buffer.baseAddress, buffer.count)
      if got < 0 { error = errno }
      count = max(0, got)
    }
    if error == EINTR { continue }
    if error != 0 { throw Errno(rawValue: error) }
    if more.isEmpty { return bytes }
    bytes += more
  }
  throw .fileTooLarge
}
