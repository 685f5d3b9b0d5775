internal import CGlibc
internal import Glibc

/// What a descriptor of this process is, in words: for reports. Makes system calls that never block.
enum DescriptorDescription {
  /// `descriptor 7, a TCP socket 127.0.0.1:80 to 127.0.0.1:40312`
  static func of(_ descriptor: CInt) -> String {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return "descriptor \(descriptor), which is closed" }
    let kind = status.st_mode & S_IFMT == S_IFSOCK ? socket(descriptor) : file(descriptor)
    return kind.isEmpty ? "descriptor \(descriptor)" : "descriptor \(descriptor), \(kind)"
  }

  private static func socket(_ descriptor: CInt) -> String {
    let own = SocketAddress.filled { getsockname(descriptor, $0, $1) }.address
    let peer = SocketAddress.filled { getpeername(descriptor, $0, $1) }.address
    let isStream = option(descriptor, SO_TYPE) == cglibc_sock_stream()
    var words = "a socket"
    switch own?.family {
    case AF_INET, AF_INET6: words = isStream ? "a TCP socket" : "a UDP socket"
    case AF_UNIX: words = "a Unix socket"
    default: break
    }
    if option(descriptor, SO_ACCEPTCONN) == 1 { words += " that listens at" }
    if let own, !own.host.isEmpty { words += " \(own)" }
    if let peer, !peer.host.isEmpty { words += " to \(peer)" }
    return words
  }

  private static func option(_ descriptor: CInt, _ name: CInt) -> CInt? {
    var value: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }

  /// By where the link in /proc leads: a path, `pipe:[inode]`, `anon_inode:[pidfd]`.
  private static func file(_ descriptor: CInt) -> String {
    let target = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
      let count = readlink("/proc/self/fd/\(descriptor)", buffer.baseAddress!, buffer.count)
      return String(decoding: buffer[..<max(0, count)].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    switch target {
    case "anon_inode:[pidfd]": return process(descriptor)
    case "anon_inode:[eventfd]": return "an eventfd"
    case "anon_inode:[timerfd]": return "a timerfd"
    case "anon_inode:[signalfd]": return "a signalfd"
    case "anon_inode:inotify": return "an inotify"
    case _ where target.hasPrefix("pipe:["): return "a pipe"
    case _ where target.hasPrefix("/dev/pts/"): return "the terminal \(target)"
    default: return target
    }
  }

  /// The process that a pidfd is for, from the line `Pid:` of its fdinfo: proc(5).
  private static func process(_ descriptor: CInt) -> String {
    guard let file = fopen("/proc/self/fdinfo/\(descriptor)", "re") else { return "a process" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, CInt(line.count), file) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      guard text.hasPrefix("Pid:") else { continue }
      return "the end of process \(text.dropFirst(4).filter { $0.isNumber || $0 == "-" })"
    }
    return "a process"
  }
}
