import CProcess
import Glibc
package import Green
import SystemPackage

/// A listener of the server's, made or taken over by the master and inherited by every worker, and the socket file that it
/// has made.
package struct BoundListener {
  package let listener: Listener
  /// The socket file, and which file it was when it was made.
  private let file: SocketFile?

  /// Binds and listens. A name is resolved, and IPv4 preferred as gunicorn does. The file of a Unix socket allows all but
  /// the umask. May block on a name server.
  package init(binding address: BindAddress, _ options: ListenerOptions = ListenerOptions()) throws(BindError) {
    switch address {
    case .unix(let path):
      let listener: Listener
      do {
        listener = try Self.listen(unix: path, options)
      } catch {
        throw BindError(error)
      }
      self.init(listener, SocketFile(path: path))
    case .tcp(let host, let port):
      self.init(try Self.listen(host: host, port, options), nil)
    case .descriptor(let descriptor):
      try self.init(startedWith: descriptor, backlog: options.backlog)
    case .activated(let name):
      throw .unresolved("systemd has opened no socket with that name for this process: '\(name)'")
    }
  }

  private init(_ listener: Listener, _ file: SocketFile?) {
    self.listener = listener
    self.file = file
  }

  /// Takes over a socket that this process was started with, and keeps it from programs that it starts. One that is bound and
  /// does not listen yet begins to. The file of a Unix socket stays where it is: whoever has made it removes it.
  private init(startedWith descriptor: CInt, backlog: Int) throws(BindError) {
    do throws(Errno) {
      try Self.prepare(descriptor, backlog)
    } catch .notSocket {
      throw .unresolved("descriptor \(descriptor) is not a socket")
    } catch .badFileDescriptor {
      throw .unresolved("the server was started without a descriptor \(descriptor)")
    } catch .notSupportedOnSocket {
      throw .unresolved("descriptor \(descriptor) is not a stream socket that listens (with systemd: Accept=no)")
    } catch {
      throw .failed(error)
    }
    self.init(Listener(adopting: descriptor), nil)
  }

  /// Not by listen(2) where it listens: a policy such as SELinux's may not allow that of a socket that systemd has made.
  private static func prepare(_ descriptor: CInt, _ backlog: Int) throws(Errno) {
    let flags = try systemCall { fcntl(descriptor, F_GETFD) }
    if try !cprocess_listener_is_stream(descriptor).orErrno() { throw .notSupportedOnSocket }
    if try !cprocess_listener_is_listening(descriptor).orErrno() {
      _ = try systemCall { Glibc.listen(descriptor, CInt(clamping: backlog)) }
    }
    _ = try systemCall { fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
  }

  /// Takes over a descriptor that listens from the master before this one. Where that one has made a socket file, it is this
  /// one's too: which of the two ends last removes it.
  init(adopting descriptor: CInt, hasFile: Bool) {
    let listener = Listener(adopting: descriptor)
    self.init(listener, hasFile ? listener.address.flatMap { SocketFile(path: $0.host) } : nil)
  }

  /// Whether there is a socket file that the server has made.
  var hasFile: Bool { file != nil }

  /// Of a name with several addresses, at the first that this machine has.
  private static func listen(
    host: String, _ port: UInt16, _ options: ListenerOptions
  ) throws(BindError) -> Listener {
    var failure = BindError.failed(.addressNotAvailable)
    for candidate in try SocketAddress.toListenAt(host: host, port: port) {
      do {
        return try Listener.bind(candidate, backlog: options.backlog) { listener in
          if options.sharesPort { try listener.setOption(.reusePort, to: true) }
          if options.leavesIPv4 && candidate.family == AF_INET6 { try listener.setOption(.ipv6Only, to: true) }
        }
      } catch {
        failure = BindError(error)
        if failure == .failed(.addressInUse) { break }
      }
    }
    throw failure
  }

  private static func listen(unix path: String, _ options: ListenerOptions) throws -> Listener {
    guard let address = SocketAddress(unixPath: path) else { throw Errno.fileNameTooLong }
    // An abstract address has no file.
    if path.hasPrefix("@") { return try Listener.bind(address, backlog: options.backlog) }
    try SocketFile.removeStale(at: path, address)
    return try Listener.bind(address, backlog: options.backlog) {
      // Before it listens, so that nobody is refused meanwhile; and not by umask(2), which is the whole process's.
      if let umask = options.umask { try SocketFile.allow(0o777 & ~umask, at: path) }
      try options.owner?.take(path)
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

extension CInt {
  /// What a function of C says that answers 1, 0, or -1 with errno.
  fileprivate func orErrno() throws(Errno) -> Bool {
    if self < 0 { throw Errno(rawValue: errno) }
    return self != 0
  }
}

extension SocketAddress {
  /// The addresses of a host, IPv4 first. Blocks while a name server is asked.
  static func toListenAt(host: String, port: UInt16) throws(BindError) -> [SocketAddress] {
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
