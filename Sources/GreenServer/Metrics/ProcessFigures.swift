import Glibc

/// What the kernel says of a process: proc(5).
struct ProcessFigures: Equatable {
  /// Seconds of processor time, in user space and in the kernel.
  var processorSeconds: Double
  /// Bytes of memory that are in RAM.
  var residentBytes: Int

  /// `nil` where the process has gone.
  init?(of pid: pid_t) {
    guard let text = Self.read("/proc/\(pid)/stat") else { return nil }
    self.init(stat: text)
  }

  /// Reads what is in /proc/PID/stat. The name is in parentheses, and may have any in it.
  init?(stat: String) {
    guard let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    // The first of these is the third of the file: state.
    guard fields.count > 21, let user = Double(fields[11]), let kernel = Double(fields[12]),
      let pages = Int(fields[21])
    else { return nil }
    processorSeconds = (user + kernel) / Double(max(1, sysconf(CInt(_SC_CLK_TCK))))
    residentBytes = pages * sysconf(CInt(_SC_PAGESIZE))
  }

  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { room in
      let count = Glibc.read(file, room.baseAddress, room.count)
      return count > 0 ? String(decoding: room[..<count], as: UTF8.self) : nil
    }
  }
}
