import Foundation

/// The socket of a service manager, at a path.
final class NotifySocket {
  let path = "/tmp/greenfinch-notify-\(UUID().uuidString)"
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if status != 0 { throw Failure("bind of \(path): \(String(cString: strerror(errno)))") }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// The lines of the next message.
  func next(seconds: Int = Int(patience)) throws -> [String] {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&polled, 1, Int32(seconds * 1000)) > 0 else { throw Failure("no message in \(seconds) s") }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The next message with that line; those before are passed over.
  func next(with line: String) throws -> [String] {
    var lines: [String] = []
    let hasCome = try comesTrue {
      lines = try next()
      return lines.contains { $0.hasPrefix(line) }
    }
    guard hasCome else { throw Failure("no message with \(line)") }
    return lines
  }
}
