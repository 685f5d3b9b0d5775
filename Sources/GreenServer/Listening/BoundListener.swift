import Glibc
package import Green
import SystemPackage

/// A listener of the server's, made by the master and inherited by every worker, and the socket file that it has made.
package struct BoundListener {
  package let listener: Listener
  /// The socket file, and which file it was when it was made.
  private let file: SocketFile?

  /// Binds and listens. A name is resolved, and IPv4 preferred as gunicorn does. The file of a Unix socket allows all but
  /// `umask`, or but the process's own. May block on a name server.
  package init(binding address: BindAddress, backlog: Int, umask: UInt32? = nil) throws(BindError) {
    switch address {
    case .unix(let path):
      do {
        listener = try Self.listen(unix: path, backlog, umask)
      } catch {
        throw BindError(error)
      }
      file = SocketFile(path: path)
    case .tcp(let host, let port):
      listener = try Self.listen(host: host, port, backlog)
      file = nil
    }
  }

  /// Of a name with several addresses, at the first that this machine has.
  private static func listen(host: String, _ port: UInt16, _ backlog: Int) throws(BindError) -> Listener {
    var failure = BindError.failed(.addressNotAvailable)
    for candidate in try SocketAddress.toListenAt(host: host, port: port) {
      do {
        return try Listener.bind(candidate, backlog: backlog)
      } catch {
        failure = BindError(error)
        if failure == .failed(.addressInUse) { break }
      }
    }
    throw failure
  }

  private static func listen(unix path: String, _ backlog: Int, _ umask: UInt32?) throws -> Listener {
    guard let address = SocketAddress(unixPath: path) else { throw Errno.fileNameTooLong }
    try SocketFile.removeStale(at: path, address)
    return try Listener.bind(address, backlog: backlog) {
      // Before it listens, so that nobody is refused meanwhile; and not by umask(2), which is the whole process's.
      // An abstract address has no file.
      if let umask, !path.hasPrefix("@") { try SocketFile.allow(0o777 & ~umask, at: path) }
    }
  }

  /// Closes this process's descriptor. The kernel stops listening when every process has closed its own.
  package func close() { listener.close() }

  /// Removes the socket file, if it is still the one that this socket made. Connections that wait are not touched.
  package func removeFile() { file?.remove() }

  /// The address as the log tells it: `http://127.0.0.1:8000`, with the port that the kernel chose for port 0.
  package var url: String { url(scheme: "http") }

  /// The same for another scheme.
  package func url(scheme: String) -> String {
    if let file { return "unix:\(file.path)" }
    guard let address = listener.address else { return "?" }
    return address.family == AF_UNIX ? "\(address)" : "\(scheme)://\(address)"
  }
}

extension SocketAddress {
  /// The addresses of a host, IPv4 first. Blocks while a name server is asked.
  fileprivate static func toListenAt(host: String, port: UInt16) throws(BindError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    guard status == 0 else { throw .unresolved("\(host): \(String(cString: gai_strerror(status)))") }
    defer { freeaddrinfo(list) }
    let found = sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { entry -> SocketAddress? in
      guard let entry, let address = entry.pointee.ai_addr else { return nil }
      return SocketAddress(address, length: entry.pointee.ai_addrlen)
    }
    return found.filter { $0.family == AF_INET } + found.filter { $0.family != AF_INET }
  }
}
