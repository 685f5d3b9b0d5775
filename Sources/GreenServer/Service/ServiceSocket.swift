import Glibc
import Green

/// The socket on which a service manager hears from its services, as `sd_notify(3)` describes it: a datagram of lines for each
/// message.
final class ServiceSocket: Sendable {
  private let descriptor: CInt
  private let address: SocketAddress

  /// `path` is what `NOTIFY_SOCKET` says, a path or with an `@` an abstract name; `nil` where it is neither.
  init?(path: String) {
    guard path.hasPrefix("/") || path.hasPrefix("@"), let address = SocketAddress(unixPath: path) else { return nil }
    descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if descriptor < 0 { return nil }
    self.address = address
  }

  deinit { close(descriptor) }

  /// Sends the lines as one message. A manager that does not read loses them: the server does not wait.
  func send(_ lines: [String]) {
    let text = lines.joined(separator: "\n")
    _ = try? systemCall {
      address.withSockaddr { address, length in
        sendto(
          descriptor, text, text.utf8.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL), address,
          length)
      }
    }
  }
}
