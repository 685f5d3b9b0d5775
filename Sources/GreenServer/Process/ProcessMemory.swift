import Glibc

/// The memory of this process.
enum ProcessMemory {
  /// How many bytes are resident, as `top` shows them (RES), from proc(5)'s `statm`; `nil` where the kernel does not tell.
  static var resident: Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
      let count = read(file, buffer.baseAddress, buffer.count)
      guard count > 0 else { return nil }
      let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
      guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return nil }
      return pages * sysconf(CInt(_SC_PAGESIZE))
    }
  }
}
